// What is counted and logged of each request: outcomes by status class, a latency histogram per
// route, and one access line; hot routes write one line in N for the outcomes they declare.
#pragma once

#include "platform/http/router.h"
#include "platform/metrics/registry.h"

#include <array>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace souk::http {

struct Outcome {
    const Router::Match& match;
    const Request& request;
    int status = 0;
    std::chrono::nanoseconds took{0};
    std::size_t bytes = 0;
};

class Observer {
public:
    Observer(metrics::Registry& registry, const Router& router, int hot_log_every);

    // `until_line` counts down to the next line of a hot route; it belongs to the calling loop.
    void record(const Outcome& outcome, int& until_line) const;

private:
    static constexpr std::size_t statuses = 600;

    struct Series {
        std::array<metrics::Counter*, 6> by_class{};  // 1xx to 5xx at 1 to 5
        metrics::Histogram* latency = nullptr;
        std::bitset<statuses> expected;  // of a hot route
    };

    static Series make_series(metrics::Registry& registry, const Room& room, const Route* route);
    static void write_line(const Outcome& outcome);

    std::vector<Series> by_route_;
    std::unordered_map<const Room*, Series> without_route_;
    int hot_log_every_;
};

}  // namespace souk::http
