// Latencies in microseconds, counted in buckets at most 1.6 % wide, so that a run of any length
// takes the same memory.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace offer {

class Histogram {
public:
    void add(std::int64_t microseconds) {
        const std::uint64_t value = microseconds < 0 ? 0 : static_cast<std::uint64_t>(microseconds);
        ++counts_[bucket_of(value)];
        ++count_;
        max_ = std::max(max_, value);
    }

    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }

    // The upper end of the bucket that holds the given share (0.99) of the values, never above the
    // largest value seen.
    std::uint64_t percentile(double share) const {
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(count_));
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
            seen += counts_[bucket];
            if (seen > wanted) return std::min(upper_end(bucket), max_);
        }
        return max_;
    }

private:
    // Values below 2^7 have a bucket each; above, every power of two is cut into 64.
    static constexpr int exact_bits = 7;
    static constexpr std::size_t steps = 64;
    static constexpr std::uint64_t value_max = (1ULL << 40) - 1;

    static std::size_t bucket_of(std::uint64_t value) {
        value = std::min(value, value_max);
        const int shift = std::max(static_cast<int>(std::bit_width(value)) - exact_bits, 0);
        return static_cast<std::size_t>(shift) * steps + static_cast<std::size_t>(value >> shift);
    }

    static std::uint64_t upper_end(std::size_t bucket) {
        if (bucket < 2 * steps) return bucket;
        const std::size_t shift = bucket / steps - 1;
        const std::uint64_t lower = static_cast<std::uint64_t>(bucket - shift * steps) << shift;
        return lower + (1ULL << shift) - 1;
    }

    std::array<std::uint64_t, (40 - exact_bits + 2) * steps> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace offer
