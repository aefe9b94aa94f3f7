#include "platform/http/observe.h"

#include "platform/log/log.h"

#include <string>

namespace souk::http {
namespace {

// The trace id of a W3C traceparent: version, 32 hex digits, parent, flags.
std::string_view trace_id_of(const Request& request) {
    const std::string_view parent = request.header("traceparent").value_or("");
    return parent.size() >= 55 && parent[2] == '-' && parent[35] == '-' ? parent.substr(3, 32)
                                                                        : std::string_view();
}

}  // namespace

Observer::Observer(metrics::Registry& registry, const Router& router, int hot_log_every)
    : hot_log_every_(hot_log_every) {
    for (std::size_t i = 0; i < router.route_count(); ++i) {
        const Room& room = router.room_of(i);
        by_route_.push_back(make_series(registry, room, &router.route(i)));
        if (!without_route_.contains(&room)) {
            without_route_.emplace(&room, make_series(registry, room, nullptr));
        }
    }
    const Room& first = router.first_room();
    if (!without_route_.contains(&first)) {
        without_route_.emplace(&first, make_series(registry, first, nullptr));
    }
}

Observer::Series Observer::make_series(metrics::Registry& registry, const Room& room,
                                       const Route* route) {
    metrics::Labels labels = {
        {"service", room.service                                                       },
        {"route",   route == nullptr ? "none" : route->path                            },
        {"method",  route == nullptr  ? "any"
                   : route->any_verb ? "any"
                                     : std::string(name(route->verb))}
    };
    Series series;
    series.latency =
        &registry.histogram("souk_http_request_duration_seconds",
                            "From a request's arrival to its answer, by route", labels);
    labels.emplace_back("status", "");
    for (std::size_t i = 1; i < series.by_class.size(); ++i) {
        labels.back().second = std::to_string(i) + "xx";
        series.by_class[i] = &registry.counter(
            "souk_http_requests_total", "Requests answered, by route and class of status", labels);
    }
    if (route == nullptr || !route->hot) return series;
    for (const Answer& declared : route->answers) {
        if (declared.status >= 100 && declared.status < 500) {
            series.expected.set(static_cast<std::size_t>(declared.status));
        }
    }
    return series;
}

void Observer::record(const Outcome& outcome, int& until_line) const {
    const Series& series = outcome.match.route != nullptr ? by_route_[outcome.match.number]
                                                          : without_route_.at(outcome.match.room);
    const auto status = static_cast<std::size_t>(outcome.status);
    const bool usual = status >= 100 && status < statuses;
    series.by_class[usual ? status / 100 : 5]->add();
    series.latency->observe(outcome.took);

    if (usual && series.expected[status]) {
        if (--until_line > 0) return;
        until_line = hot_log_every_;
    }
    write_line(outcome);
}

void Observer::write_line(const Outcome& outcome) {
    if (!log::enabled(log::Level::info)) return;
    const Request& request = outcome.request;
    log::Access line;
    line.service = outcome.match.room->service;
    line.route = outcome.match.route == nullptr ? std::string_view() : outcome.match.route->path;
    line.method = name(request.verb);
    line.status = outcome.status;
    line.duration_us = std::chrono::duration_cast<std::chrono::microseconds>(outcome.took).count();
    line.bytes = outcome.bytes;
    line.request_id = request.request_id();
    line.trace_id = trace_id_of(request);
    log::access(line);
}

}  // namespace souk::http
