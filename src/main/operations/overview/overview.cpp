#include "main/operations/overview/overview.h"

#include "platform/core/iso_time.h"
#include "platform/metrics/process.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace souk::operations {
namespace {

constexpr std::uint64_t ticks_between_counts = 5;  // of what is slow to count

std::string absolute(const std::string& path) {
    std::error_code unknown;
    const std::filesystem::path whole = std::filesystem::weakly_canonical(path, unknown);
    return unknown ? path : whole.string();
}

// What cannot be read, as without a free descriptor, keeps its last number; the others go on.
template <typename Read>
void read_into(std::int64_t& number, const Read& read) {
    try {
        number = static_cast<std::int64_t>(read());
    } catch (const std::runtime_error&) {
        return;
    }
}

RouteBody route_body(Traffic::Route route) {
    return {.service = std::move(route.service),
            .method = std::move(route.method),
            .route = std::move(route.route),
            .requests_per_second = rounded(route.rate.requests_per_second),
            .error_share = rounded(route.rate.error_share),
            .p50_ms = route.p50_ms ? std::optional(rounded(*route.p50_ms)) : std::nullopt,
            .p99_ms = route.p99_ms ? std::optional(rounded(*route.p99_ms)) : std::nullopt};
}

}  // namespace

double rounded(double value) { return std::round(value * 1'000) / 1'000; }

Overview::Overview(About about, const Services& services, const core::Clock& clock,
                   const metrics::Registry& metrics)
    : about_{std::move(about.version), std::move(about.environment),
             absolute(about.data_directory)},
      services_(services),
      clock_(clock),
      started_at_(clock.now()),
      started_(clock.instant()),
      lag_(metrics),
      traffic_(metrics) {}

void Overview::sample(std::uint64_t tick) {
    read_machine(tick);
    const core::Instant at = clock_.instant();
    traffic_.sample(at);
    lag_.sample(at);
    Figures figures{.rate = traffic_.last_second(),
                    .routes = traffic_.routes(),
                    .lags = lag_.lags(),
                    .machine = machine_};
    const Sample sample{.tick = tick,
                        .unix_seconds = core::to_ms(clock_.now()) / 1'000,
                        .rate = figures.rate,
                        .lag_seconds = lag_.longest_seconds(),
                        .memory_bytes = machine_.memory_bytes};
    const std::lock_guard lock(mutex_);
    std::swap(figures_, figures);
    history_.add(sample);
}

void Overview::read_machine(std::uint64_t tick) {
    read_into(machine_.memory_bytes, metrics::resident_bytes);
    if (tick % ticks_between_counts != 1) return;
    read_into(machine_.open_files, metrics::open_descriptors);
    read_into(machine_.disk_free_bytes,
              [this] { return std::filesystem::space(about_.data_directory).available; });
}

std::vector<ServiceBody> Overview::services() const {
    std::vector<ServiceBody> bodies;
    for (const ServiceRow& row : services_) {
        ServiceBody service{.name = row.name, .state = "up"};
        for (const Listener& each : row.listeners) {
            service.listeners.push_back(
                {each.name, each.address + ":" + std::to_string(each.port)});
        }
        for (Dependency& each : row.dependencies()) {
            const std::string_view state = state_of(each);
            if (state == "down" || service.state == "up") service.state = state;
            service.dependencies.push_back({std::move(each.name), state, std::move(each.detail)});
        }
        bodies.push_back(std::move(service));
    }
    return bodies;
}

OverviewHistoryBody Overview::columns(const std::vector<Sample>& samples) {
    OverviewHistoryBody body;
    for (const Sample& each : samples) {
        body.seconds.push_back(each.unix_seconds);
        body.requests_per_second.push_back(rounded(each.rate.requests_per_second));
        body.error_share.push_back(rounded(each.rate.error_share));
        body.lag_ms.push_back(rounded(each.lag_seconds * 1'000));
        body.memory_bytes.push_back(each.memory_bytes);
    }
    return body;
}

OverviewBody Overview::now(metrics::Ticks ticks) const {
    OverviewBody body{
        .version = about_.version,
        .environment = about_.environment,
        .started_at = core::to_iso8601(started_at_),
        .now = core::to_iso8601(clock_.now()),
        .uptime_seconds =
            std::chrono::duration_cast<std::chrono::seconds>(clock_.instant() - started_).count(),
        .data_directory = about_.data_directory,
        .services = services()};
    const bool all_up = std::all_of(body.services.begin(), body.services.end(),
                                    [](const ServiceBody& each) { return each.state == "up"; });
    body.state = all_up ? "up" : "degraded";

    Figures figures;
    std::vector<Sample> samples;
    {
        const std::lock_guard lock(mutex_);
        figures = figures_;
        samples = history_.of(ticks);
    }
    for (LoopLag::Lag& each : figures.lags)
        body.loops.push_back({std::move(each.loop), rounded(each.seconds * 1'000)});
    body.disk_free_bytes = figures.machine.disk_free_bytes;
    body.memory_bytes = figures.machine.memory_bytes;
    body.open_files = figures.machine.open_files;
    body.traffic.requests_per_second = rounded(figures.rate.requests_per_second);
    body.traffic.error_share = rounded(figures.rate.error_share);
    for (Traffic::Route& each : figures.routes)
        body.traffic.routes.push_back(route_body(std::move(each)));
    body.history = columns(samples);
    return body;
}

}  // namespace souk::operations
