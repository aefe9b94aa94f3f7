#include "main/operations/overview/loop_lag.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace souk::operations {
namespace {

constexpr std::string_view prefix = "loop-";

double seconds_of(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

void LoopLag::sample(core::Instant at) {
    for (const metrics::Reading& each : registry_.read("souk_loop_lag_seconds")) {
        std::string_view name = each.label("loop");
        if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
        const auto [found, is_new] = loops_.try_emplace(std::string(name), Seen{.changed_at = at});
        Seen& seen = found->second;
        const metrics::Histogram::Snapshot more = each.histogram.since(seen.all);
        seen.all = each.histogram;
        if (more.count == 0) {  // it stands still
            seen.seconds = seconds_of(at - seen.changed_at);
            continue;
        }
        // The bucket says how long at most; no single delay was longer than all together.
        seen.seconds = std::min(seconds_of(more.quantile(1)), more.sum_seconds);
        seen.changed_at = at;
    }
}

std::vector<LoopLag::Lag> LoopLag::lags() const {
    std::vector<Lag> all;
    for (const auto& [loop, seen] : loops_) all.push_back({loop, seen.seconds});
    return all;
}

double LoopLag::longest_seconds() const {
    double longest = 0;
    for (const auto& [loop, seen] : loops_) longest = std::max(longest, seen.seconds);
    return longest;
}

}  // namespace souk::operations
