#include "platform/metrics/histogram.h"

#include <algorithm>
#include <cmath>

namespace souk::metrics {
namespace {

// Most observations are short, so looking from the shortest bound on beats halving.
std::size_t bucket_of(std::int64_t took_ns) {
    std::size_t bucket = 0;
    while (bucket < Histogram::bounds_ns.size() && took_ns > Histogram::bounds_ns[bucket]) ++bucket;
    return bucket;
}

}  // namespace

void Histogram::observe(std::chrono::nanoseconds took) noexcept {
    const std::int64_t took_ns = std::max<std::int64_t>(took.count(), 0);
    Slot& slot = slots_[this_shard()];
    slot.counts[bucket_of(took_ns)].fetch_add(1, std::memory_order_relaxed);
    slot.sum_ns.fetch_add(static_cast<std::uint64_t>(took_ns), std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::snapshot() const noexcept {
    Snapshot all;
    std::uint64_t sum_ns = 0;
    for (const Slot& slot : slots_) {
        for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
            const std::uint64_t count = slot.counts[bucket].load(std::memory_order_relaxed);
            all.counts[bucket] += count;
            all.count += count;  // from the buckets, so that the two never contradict each other
        }
        sum_ns += slot.sum_ns.load(std::memory_order_relaxed);
    }
    all.sum_seconds = static_cast<double>(sum_ns) / 1e9;
    return all;
}

Histogram::Snapshot Histogram::Snapshot::since(const Snapshot& earlier) const noexcept {
    Snapshot more;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        more.counts[bucket] = counts[bucket] - earlier.counts[bucket];
    }
    more.count = count - earlier.count;
    more.sum_seconds = sum_seconds - earlier.sum_seconds;
    return more;
}

std::chrono::nanoseconds Histogram::Snapshot::quantile(double part) const noexcept {
    if (count == 0) return std::chrono::nanoseconds(0);

    const double wanted = std::clamp(part, 0.0, 1.0) * static_cast<double>(count);
    double below = 0;
    for (std::size_t bucket = 0; bucket < bounds_ns.size(); ++bucket) {
        const auto here = static_cast<double>(counts[bucket]);
        if (here > 0 && below + here >= wanted) {
            const auto from = bucket == 0 ? 0.0 : static_cast<double>(bounds_ns[bucket - 1]);
            const auto to = static_cast<double>(bounds_ns[bucket]);
            return std::chrono::nanoseconds(
                std::llround(from + (to - from) * (wanted - below) / here));
        }
        below += here;
    }
    return std::chrono::nanoseconds(bounds_ns.back());
}

}  // namespace souk::metrics
