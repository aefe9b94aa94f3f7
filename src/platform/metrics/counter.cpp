#include "platform/metrics/counter.h"

namespace souk::metrics {

std::uint64_t Counter::value() const noexcept {
    std::uint64_t sum = 0;
    for (const Slot& slot : slots_) sum += slot.value.load(std::memory_order_relaxed);
    return sum;
}

}  // namespace souk::metrics
