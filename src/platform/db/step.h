// A step of the disk that others wait for: how long it takes as a histogram, and a line of the log
// for each time it took long.
#pragma once

#include "platform/log/pauses.h"
#include "platform/metrics/registry.h"

#include <chrono>
#include <string>
#include <utility>

namespace souk::db {

class Step {
public:
    struct Names {
        std::string metric;
        std::string help;
        metrics::Labels labels;
        std::string service;
        std::string sentence;  // as for log::Pauses
    };

    Step(metrics::Registry& metrics, Names names)
        : times_(metrics.histogram(names.metric, names.help, names.labels)),
          pauses_(names.service, names.sentence) {}

    void took(std::chrono::nanoseconds time) {
        times_.observe(time);
        pauses_.note(time);
    }

private:
    metrics::Histogram& times_;
    log::Pauses pauses_;
};

// The same metric on every engine.
inline Step::Names commit_names(const std::string& database, std::string sentence) {
    return {"souk_db_commit_seconds",
            "From COMMIT of a transaction, or a group of them, to its end on the disk",
            {{"database", database}},
            database,
            std::move(sentence)};
}

}  // namespace souk::db
