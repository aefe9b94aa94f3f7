// How long things take, in fixed buckets of 1-2-5 steps from 50 microseconds to 10 seconds.
#pragma once

#include "platform/metrics/shard.h"

#include <array>
#include <chrono>
#include <cstdint>

namespace souk::metrics {

class Histogram {
public:
    // Upper bounds in nanoseconds; what is longer falls into one more bucket without bound.
    static constexpr std::array<std::int64_t, 17> bounds_ns = {
        50'000,      100'000,       200'000,       500'000,       1'000'000,     2'000'000,
        5'000'000,   10'000'000,    20'000'000,    50'000'000,    100'000'000,   200'000'000,
        500'000'000, 1'000'000'000, 2'000'000'000, 5'000'000'000, 10'000'000'000};
    static constexpr std::size_t buckets = bounds_ns.size() + 1;

    struct Snapshot {
        std::array<std::uint64_t, buckets> counts{};  // per bucket, not cumulative
        std::uint64_t count = 0;
        double sum_seconds = 0;

        // What was observed since `earlier`, a snapshot of the same histogram.
        Snapshot since(const Snapshot& earlier) const noexcept;

        // The time that the share `part` (0 to 1) of all observations did not exceed, read from
        // the buckets: exact at their bounds, straight lines between. Zero when nothing was
        // observed; what is past the last bound counts as the last bound.
        std::chrono::nanoseconds quantile(double part) const noexcept;
    };

    Histogram() = default;
    Histogram(const Histogram&) = delete;
    Histogram& operator=(const Histogram&) = delete;

    // A negative time counts as none.
    void observe(std::chrono::nanoseconds took) noexcept;

    Snapshot snapshot() const noexcept;

    std::chrono::nanoseconds quantile(double part) const noexcept {
        return snapshot().quantile(part);
    }

private:
    struct alignas(cache_line_bytes) Slot {
        std::array<std::atomic<std::uint64_t>, buckets> counts{};
        std::atomic<std::uint64_t> sum_ns{0};
    };
    std::array<Slot, shards> slots_;
};

}  // namespace souk::metrics
