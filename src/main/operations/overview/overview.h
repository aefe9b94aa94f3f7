// The program at a glance: services and what they need, traffic, memory, event loops.
#pragma once

#include "main/operations/overview/loop_lag.h"
#include "main/operations/overview/overview_body.h"
#include "main/operations/overview/traffic.h"
#include "main/operations/service_row.h"
#include "platform/core/clock.h"
#include "platform/metrics/history.h"
#include "platform/metrics/registry.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace souk::operations {

class Overview {
public:
    struct About {
        std::string version;
        std::string environment;
        std::string data_directory;
    };
    Overview(About about, const Services& services, const core::Clock& clock,
             const metrics::Registry& metrics);

    void sample(std::uint64_t tick);  // once a second, one caller at a time

    // With the history of these ticks. Any thread.
    OverviewBody now(metrics::Ticks ticks) const;

private:
    struct Sample {
        std::uint64_t tick = 0;
        std::int64_t unix_seconds = 0;
        Traffic::Rate rate;
        double lag_seconds = 0;
        std::int64_t memory_bytes = 0;
    };
    struct Machine {
        std::int64_t memory_bytes = 0;
        std::int64_t open_files = 0;
        std::int64_t disk_free_bytes = 0;
    };

    // What the newest sample saw.
    struct Figures {
        Traffic::Rate rate;
        std::vector<Traffic::Route> routes;
        std::vector<LoopLag::Lag> lags;
        Machine machine;
    };

    void read_machine(std::uint64_t tick);
    std::vector<ServiceBody> services() const;
    static OverviewHistoryBody columns(const std::vector<Sample>& samples);

    const About about_;
    const Services& services_;
    const core::Clock& clock_;
    const core::Time started_at_;
    const core::Instant started_;

    // Of the sampler alone.
    LoopLag lag_;
    Traffic traffic_;
    Machine machine_;

    mutable std::mutex mutex_;  // for the rest
    Figures figures_;
    metrics::History<Sample> history_{300};
};

}  // namespace souk::operations
