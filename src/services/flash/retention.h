// Old orders leave the table of orders, by choice into orders_archive, a few at a time and only
// while the worker has little to do.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/event.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/metrics/registry.h"
#include "services/flash/backlog.h"
#include "services/flash/settings.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace souk::flash {

class Retention {
public:
    struct Parts {
        db::Database& database;
        const Backlog& backlog;
        const core::Clock& clock;
        metrics::Registry& metrics;
    };
    struct Choice {
        std::chrono::hours keep{0};  // 0: for ever
        bool archive = true;         // false: deleted
    };

    // As set; but an order that can still be cancelled, or whose key still counts, is never old.
    static Choice choice(const Config& config);

    Retention(Parts parts, Choice choice);

    // Until `stopping`, or until the tables are not `ours` any more; once they are there.
    core::Task<> run(core::Event& stopping, std::function<bool()> ours);

    // One batch; gives how many orders left. Only confirmed and cancelled ones do: a failed order
    // waits for reconciliation.
    core::Task<std::size_t> remove_some();

private:
    Parts parts_;
    Choice choice_;
    std::size_t batch_;  // as many as the database has had patience for
    metrics::Counter* removed_;
};

}  // namespace souk::flash
