#include "main/operations/overview/traffic.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace souk::operations {
namespace {

constexpr std::size_t samples_max = 11;  // ten seconds lie between the first and the last

double seconds_between(core::Instant from, core::Instant to) {
    return std::chrono::duration<double>(to - from).count();
}

Traffic::Rate rate_of(double requests, double errors, double seconds) {
    if (requests <= 0 || seconds <= 0) return {};
    // The two counters are not read in the same moment, so that more may have failed than came.
    return {.requests_per_second = requests / seconds,
            .error_share = std::clamp(errors / requests, 0.0, 1.0)};
}

// Probes and the console itself are no traffic of the shop.
bool counts_in_total(const metrics::Reading& reading) {
    return reading.label("service") != "operations";
}

double ms(std::chrono::nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

void Traffic::sample(core::Instant at) {
    Sample now{.at = at};
    const auto key = [](const metrics::Reading& reading) {
        return Key(reading.label("service"), reading.label("method"), reading.label("route"));
    };
    for (const metrics::Reading& each : registry_.read("souk_http_request_duration_seconds")) {
        now.counts[key(each)].latency = each.histogram;
        if (counts_in_total(each)) now.requests += each.value;
    }
    for (const metrics::Reading& each : registry_.read("souk_http_requests_total")) {
        if (each.label("status") != "5xx") continue;
        now.counts[key(each)].errors = each.value;
        if (counts_in_total(each)) now.errors += each.value;
    }
    samples_.push_back(std::move(now));
    if (samples_.size() > samples_max) samples_.pop_front();
}

Traffic::Rate Traffic::last_second() const {
    if (samples_.size() < 2) return {};
    const Sample& now = samples_.back();
    const Sample& before = samples_[samples_.size() - 2];
    return rate_of(now.requests - before.requests, now.errors - before.errors,
                   seconds_between(before.at, now.at));
}

std::vector<Traffic::Route> Traffic::routes() const {
    std::vector<Route> routes;
    if (samples_.empty()) return routes;
    const Sample& first = samples_.front();
    const Sample& last = samples_.back();
    const double seconds = seconds_between(first.at, last.at);
    for (const auto& [key, counts] : last.counts) {
        if (counts.latency.count == 0) continue;
        const auto found = first.counts.find(key);
        const Counts before = found == first.counts.end() ? Counts() : found->second;
        const metrics::Histogram::Snapshot latency = counts.latency.since(before.latency);
        Route route{.service = std::get<0>(key),
                    .method = std::get<1>(key),
                    .route = std::get<2>(key),
                    .rate = rate_of(static_cast<double>(latency.count),
                                    counts.errors - before.errors, seconds)};
        if (latency.count > 0) {
            route.p50_ms = ms(latency.quantile(0.5));
            route.p99_ms = ms(latency.quantile(0.99));
        }
        routes.push_back(std::move(route));
    }
    return routes;
}

}  // namespace souk::operations
