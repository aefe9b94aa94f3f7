#include "services/flash/limiter.h"

#include <algorithm>

namespace souk::flash {

Limiter::Limiter(std::int64_t per_second, const core::Clock& clock)
    : clock_(clock),
      per_second_(per_second),
      interval_ns_(per_second > 0 ? 1'000'000'000 / per_second : 0),
      full_ns_(interval_ns_ * per_second) {}

bool Limiter::take() {
    if (per_second_ == 0) return true;
    const std::int64_t now = now_ns();
    std::int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
    for (;;) {
        const std::int64_t next = std::max(full_at, now) + interval_ns_;
        if (next - now > full_ns_) return false;
        if (full_at_ns_.compare_exchange_weak(full_at, next, std::memory_order_relaxed))
            return true;
    }
}

std::int64_t Limiter::remaining() const {
    if (per_second_ == 0) return -1;
    const std::int64_t missing_ns = std::max<std::int64_t>(0, full_at_ns_.load() - now_ns());
    return (full_ns_ - missing_ns) / interval_ns_;
}

std::chrono::milliseconds Limiter::until_next() const {
    if (per_second_ == 0) return {};
    const std::int64_t late_ns = full_at_ns_.load() + interval_ns_ - full_ns_ - now_ns();
    return std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::nanoseconds(std::max<std::int64_t>(0, late_ns)));
}

std::int64_t Limiter::now_ns() const { return clock_.instant().time_since_epoch().count(); }

}  // namespace souk::flash
