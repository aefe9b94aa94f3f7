// The overview as JSON.
#pragma once

#include "platform/json/schema.h"
#include "platform/json/write.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::operations {

// What a number is worth showing: three places behind the point.
double rounded(double value);

struct LoopBody {
    std::string name;
    double lag_ms = 0;
};
struct ListenerBody {
    std::string name;
    std::string address;
};
struct DependencyBody {
    std::string name;
    std::string_view state;
    std::string detail;
};
struct ServiceBody {
    std::string name;
    std::string_view state;
    std::vector<ListenerBody> listeners;
    std::vector<DependencyBody> dependencies;
};
struct RouteBody {
    std::string service;
    std::string method;
    std::string route;
    double requests_per_second = 0;
    double error_share = 0;
    std::optional<double> p50_ms;
    std::optional<double> p99_ms;
};
struct TrafficBody {
    double requests_per_second = 0;
    double error_share = 0;
    std::vector<RouteBody> routes;
};
struct OverviewHistoryBody {
    std::vector<std::int64_t> seconds;
    std::vector<double> requests_per_second;
    std::vector<double> error_share;
    std::vector<double> lag_ms;
    std::vector<std::int64_t> memory_bytes;
};
struct OverviewBody {
    std::string version;
    std::string environment;
    std::string started_at;
    std::string now;
    std::int64_t uptime_seconds = 0;
    std::string_view state;
    std::string data_directory;
    std::int64_t disk_free_bytes = 0;
    std::int64_t memory_bytes = 0;
    std::int64_t open_files = 0;
    std::vector<LoopBody> loops;
    std::vector<ServiceBody> services;
    TrafficBody traffic;
    OverviewHistoryBody history;
};

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::LoopBody> =
    object("Loop", field("name", &operations::LoopBody::name),
           field("lagMs", &operations::LoopBody::lag_ms, "how long a ready task had to wait"));
template <>
inline constexpr auto shape<operations::ListenerBody> =
    object("Listener", field("name", &operations::ListenerBody::name),
           field("address", &operations::ListenerBody::address));
template <>
inline constexpr auto shape<operations::DependencyBody> =
    object("Dependency", field("name", &operations::DependencyBody::name),
           field("state", &operations::DependencyBody::state,
                 "up, down, or degraded: down, but not needed"),
           field("detail", &operations::DependencyBody::detail,
                 "where it is; when it is down what is the matter"));
template <>
inline constexpr auto shape<operations::ServiceBody> =
    object("Service", field("name", &operations::ServiceBody::name),
           field("state", &operations::ServiceBody::state, "up, degraded or down"),
           field("listeners", &operations::ServiceBody::listeners),
           field("dependencies", &operations::ServiceBody::dependencies));
template <>
inline constexpr auto shape<operations::RouteBody> = object(
    "RouteTraffic", field("service", &operations::RouteBody::service),
    field("method", &operations::RouteBody::method), field("route", &operations::RouteBody::route),
    field("requestsPerSecond", &operations::RouteBody::requests_per_second),
    field("errorShare", &operations::RouteBody::error_share, "of 5xx, 0 to 1"),
    field("p50Ms", &operations::RouteBody::p50_ms, "null without requests"),
    field("p99Ms", &operations::RouteBody::p99_ms, "null without requests"));
template <>
inline constexpr auto shape<operations::TrafficBody> =
    object("Traffic",
           field("requestsPerSecond", &operations::TrafficBody::requests_per_second,
                 "in the last second, without those to the operations listener"),
           field("errorShare", &operations::TrafficBody::error_share, "of 5xx, 0 to 1"),
           field("routes", &operations::TrafficBody::routes, "in the last ten seconds"));
template <>
inline constexpr auto shape<operations::OverviewHistoryBody> =
    object("OverviewHistory", field("seconds", &operations::OverviewHistoryBody::seconds),
           field("requestsPerSecond", &operations::OverviewHistoryBody::requests_per_second),
           field("errorShare", &operations::OverviewHistoryBody::error_share),
           field("lagMs", &operations::OverviewHistoryBody::lag_ms, "of the slowest loop"),
           field("memoryBytes", &operations::OverviewHistoryBody::memory_bytes));
template <>
inline constexpr auto shape<operations::OverviewBody> =
    object("Overview", field("version", &operations::OverviewBody::version),
           field("environment", &operations::OverviewBody::environment),
           field("startedAt", &operations::OverviewBody::started_at),
           field("now", &operations::OverviewBody::now),
           field("uptimeSeconds", &operations::OverviewBody::uptime_seconds),
           field("state", &operations::OverviewBody::state, "up or degraded"),
           field("dataDirectory", &operations::OverviewBody::data_directory),
           field("diskFreeBytes", &operations::OverviewBody::disk_free_bytes),
           field("memoryBytes", &operations::OverviewBody::memory_bytes),
           field("openFiles", &operations::OverviewBody::open_files),
           field("loops", &operations::OverviewBody::loops),
           field("services", &operations::OverviewBody::services),
           field("traffic", &operations::OverviewBody::traffic),
           field("history", &operations::OverviewBody::history, "by the second"));

}  // namespace souk::json
