// The shop behind the door: the parts that sell, and what they do in the background. It borrows
// gate, log and database, so that the simulation runs the same shop on those it watches.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/event.h"
#include "platform/core/random.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/metrics/registry.h"
#include "services/flash/backlog.h"
#include "services/flash/client_limits.h"
#include "services/flash/events.h"
#include "services/flash/gate.h"
#include "services/flash/hand_over.h"
#include "services/flash/limiter.h"
#include "services/flash/metrics.h"
#include "services/flash/operations.h"
#include "services/flash/order_log.h"
#include "services/flash/retention.h"
#include "services/flash/settings.h"
#include "services/flash/store.h"
#include "services/flash/worker.h"

#include <string>
#include <vector>

namespace souk::flash {

class Shop {
public:
    struct Borrowed {
        Gate& gate;
        OrderLog& log;
        db::Database& database;
        const core::Clock& clock;
        core::Random& random;
        metrics::Registry& metrics;
    };

    Shop(const Config& config, Borrowed from);

    // Everything that runs in the background, until stop(): first the state is rebuilt from disk,
    // then orders are taken. To be started on one loop.
    std::vector<core::Task<>> tasks();
    void stop();  // any thread; the tasks end when what was accepted is settled or is given up

    // Names what is unavailable; empty when all is well.
    std::string component_down() const;

private:
    core::Task<> run();
    core::Task<> monitor();
    core::Task<bool> look_after_database();  // false: it does not answer
    core::Task<> retire();
    core::Task<> tell();
    core::Task<bool> get_ready();
    core::Task<std::string> served_elsewhere();
    core::Task<std::string> why_not_ours();
    core::Task<> check_ours();
    core::Task<> take_over();
    core::Task<> leave();

    Borrowed from_;
    const std::chrono::seconds key_life_;
    const bool takes_over_;
    bool has_waited_ = false;  // for the one whose database it takes
    bool is_paused_ = false;   // until the claim is back
    std::string told_problem_;
    core::Event stopping_;

public:  // in the order in which they borrow from each other
    Metrics counters;
    Backlog backlog;
    Store store;
    Limiter limiter;
    ClientLimits client_limits;
    Events events;
    HandOver hand_over;
    Worker worker;
    Retention retention;
    Operations operations;
};

}  // namespace souk::flash
