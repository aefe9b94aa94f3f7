// Requests per second, share of errors and quantiles, from the counters and histograms that the
// server keeps anyway: they are read once a second, and nothing is added where requests pass.
#pragma once

#include "platform/core/clock.h"
#include "platform/metrics/registry.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace souk::operations {

class Traffic {
public:
    explicit Traffic(const metrics::Registry& registry) : registry_(registry) {}

    void sample(core::Instant at);

    struct Rate {
        double requests_per_second = 0;
        double error_share = 0;  // of 5xx, 0 to 1
    };
    Rate last_second() const;  // of all services but the operations listener

    struct Route {
        std::string service;
        std::string method;
        std::string route;
        Rate rate;
        std::optional<double> p50_ms;  // none without requests in these seconds
        std::optional<double> p99_ms;
    };
    // Of the last ten seconds: every route that has had a request since the start.
    std::vector<Route> routes() const;

private:
    using Key = std::tuple<std::string, std::string, std::string>;  // service, method, route
    struct Counts {
        double errors = 0;
        metrics::Histogram::Snapshot latency;
    };
    struct Sample {
        core::Instant at;
        std::map<Key, Counts> counts;
        double requests = 0;
        double errors = 0;
    };

    const metrics::Registry& registry_;
    std::deque<Sample> samples_;  // the newest at the end
};

}  // namespace souk::operations
