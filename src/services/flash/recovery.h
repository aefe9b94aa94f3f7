// Rebuilds what a process knows from what is on disk: stock per product, keys within their life,
// the backlog, who bought what. The gate is the database's stock less the accepted orders that are
// not in it yet.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "services/flash/backlog.h"
#include "services/flash/gate.h"
#include "services/flash/order_log.h"
#include "services/flash/store.h"

#include <chrono>
#include <cstddef>

namespace souk::flash {

struct Recovered {
    std::size_t products = 0;
    std::size_t keys = 0;
    std::size_t backlog = 0;
    std::size_t buyers = 0;  // users that are counted, in the sales in force
    std::size_t short_units =
        0;  // accepted orders beyond the database's stock: reported, never sold again
};

struct RecoveryParts {
    Gate& gate;
    OrderLog& log;
    Backlog& backlog;
    Store& store;
    const core::Clock& clock;
    std::chrono::seconds key_life;
};

// Before the log is started. Throws when the database does not answer; then nothing was changed.
core::Task<Recovered> recover(RecoveryParts parts);

}  // namespace souk::flash
