// A count that only grows. Adding takes no lock and touches no other thread's cache line.
#pragma once

#include "platform/metrics/shard.h"

#include <array>
#include <cstdint>

namespace souk::metrics {

class Counter {
public:
    Counter() = default;
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    void add(std::uint64_t amount = 1) noexcept {
        slots_[this_shard()].value.fetch_add(amount, std::memory_order_relaxed);
    }

    std::uint64_t value() const noexcept;

private:
    struct alignas(cache_line_bytes) Slot {
        std::atomic<std::uint64_t> value{0};
    };
    std::array<Slot, shards> slots_;
};

}  // namespace souk::metrics
