// The longest delay of each event loop within the last second, from what loop_watch observes.
#pragma once

#include "platform/core/clock.h"
#include "platform/metrics/registry.h"

#include <map>
#include <string>
#include <vector>

namespace souk::operations {

class LoopLag {
public:
    explicit LoopLag(const metrics::Registry& registry) : registry_(registry) {}

    void sample(core::Instant at);

    struct Lag {
        std::string loop;  // "0", "1", …, "background"
        double seconds = 0;
    };
    std::vector<Lag> lags() const;
    double longest_seconds() const;

private:
    struct Seen {
        metrics::Histogram::Snapshot all;
        core::Instant changed_at;  // when it last was seen to have run
        double seconds = 0;
    };

    const metrics::Registry& registry_;
    std::map<std::string, Seen> loops_;
};

}  // namespace souk::operations
