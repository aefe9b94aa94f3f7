#include "services/flash/shop.h"

#include "flash/schema.h"
#include "platform/log/log.h"
#include "services/flash/recovery.h"

#include <chrono>
#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr auto hand_over_patience = 900ms;  // an answer within a second (spec 2.4, 7)
constexpr auto recovery_pause = 500ms;
constexpr auto monitor_pause = 1s;
constexpr auto take_over_pause = 3s;  // more than two looks of the monitor

}  // namespace

Shop::Shop(const Config& config, Borrowed from)
    : from_(from),
      key_life_(config.idempotency_ttl_seconds),
      takes_over_(config.take_over),
      counters(from.metrics),
      backlog(config.max_backlog),
      store(from.database, from.clock),
      limiter(config.rate_limit_rps, from.clock),
      client_limits(config.per_ip_rps, from.clock, from.random),
      events(from.gate),
      hand_over({from.gate, from.log, backlog, counters, from.clock, &events}, hand_over_patience),
      worker({backlog, from.log, store, counters, from.clock, &events}),
      retention({from.database, backlog, from.clock, from.metrics}, Retention::choice(config)),
      operations({from.gate, from.log, backlog, hand_over, store, limiter, counters, from.clock,
                  from.random, &events, &client_limits},
                 {config.max_products, std::chrono::seconds(config.cancel_window_seconds)}) {}

std::vector<core::Task<>> Shop::tasks() {
    std::vector<core::Task<>> all;
    all.push_back(run());
    all.push_back(monitor());
    all.push_back(retire());
    all.push_back(tell());
    return all;
}

void Shop::stop() {
    from_.log.stop();
    stopping_.set();
    worker.stop();
}

// Recovery, then the worker until the end.
core::Task<> Shop::run() {
    while (!co_await get_ready()) {
        if (co_await stopping_.wait(recovery_pause)) co_return;
    }
    co_await worker.run();
    co_await leave();
}

// With nothing left in the log another may serve the database.
core::Task<> Shop::leave() {
    if (backlog.size() > 0) co_return;
    try {
        co_await store.serve_no_more(from_.log.identity());
    } catch (const std::exception& failure) {
        const log::Field why("reason", failure.what());
        log::warn(
            "flash",
            "the database still says that this log serves it; the next start here goes on with it",
            {why});
    }
}

core::Task<bool> Shop::get_ready() {
    std::string problem;
    try {
        problem = co_await served_elsewhere();
        if (problem.empty()) {
            co_await from_.database.migrate(migrations());
            problem = co_await why_not_ours();
        }
        if (problem.empty()) {
            co_await take_over();
            co_return true;
        }
    } catch (const std::exception& failure) {
        problem = failure.what();
    }
    worker.note_database(false);
    if (problem != told_problem_) {
        const std::string database = from_.database.describe();
        const log::Field where("database", database);
        const log::Field why("reason", problem);
        log::error("flash",
                   "not ready: orders get 500 until the database can be used; it is tried again "
                   "twice a second",
                   {where, why});
    }
    told_problem_ = std::move(problem);
    co_return false;
}

// Empty unless another log has this database and is to keep it. Works before the tables are there:
// a program that may not sell must not migrate them either.
core::Task<std::string> Shop::served_elsewhere() {
    if (takes_over_ || !co_await store.has_tables()) co_return "";
    const std::string serving = co_await store.serving();
    if (serving.empty() || serving == from_.log.identity()) co_return "";
    co_return "the order log " + serving +
        " serves this database; its data directory may hold orders that are not in the database. "
        "Start souk there, or, when that directory is gone for good, here with --flash-take-over";
}

// Empty when this process may sell on this database. Nothing is taken before that is clear: a
// program that waits must not keep the rightful one out.
core::Task<std::string> Shop::why_not_ours() {
    std::string elsewhere = co_await served_elsewhere();  // a migration may have taken long
    if (!elsewhere.empty()) co_return elsewhere;
    if (!co_await from_.database.claim("flash")) {
        co_return "another program serves flash on this database; stop it, or give this one "
                  "another";
    }
    co_await store.serve(from_.log.identity());
    // One that still runs stops selling within this time, and what it has sold is in the database.
    // What `serving` said does not count: a try before this one may have changed it.
    if (takes_over_ && !has_waited_) {
        co_await stopping_.wait(take_over_pause);
        has_waited_ = true;
    }
    co_return "";
}

// From what is on disk to taking orders.
core::Task<> Shop::take_over() {
    const core::Instant began = from_.clock.instant();
    const Recovered found =
        co_await recover({from_.gate, from_.log, backlog, store, from_.clock, key_life_});
    from_.log.start(hand_over);
    operations.open_for_orders(found.products);
    worker.note_database(true);
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(from_.clock.instant() - began);
    log::info("flash", "ready for orders",
              {log::Field("products", found.products), log::Field("keys", found.keys),
               log::Field("backlog", found.backlog), log::Field("rebuilt_in_ms", took.count())});
    if (found.short_units == 0) co_return;
    log::error("flash",
               "the database has fewer units than accepted orders: the last of them will be kept "
               "as failed",
               {log::Field("orders", found.short_units)});
}

// A claim that is lost with its connection is taken again. Until that works another program may be
// about to take over, so nothing is sold; while `serving` names this log, none has done it. Once it
// names another, going on would sell that one's units.
core::Task<> Shop::check_ours() {
    const bool is_claimed = co_await from_.database.claim("flash");
    const bool is_served_here = co_await store.serving() == from_.log.identity();
    const bool was_paused = std::exchange(is_paused_, is_served_here && !is_claimed);
    if (is_claimed && is_served_here) {
        if (!was_paused) co_return;
        operations.open_again();
        log::info("flash", "the database is this program's again: it sells again");
        co_return;
    }
    operations.close();
    if (!is_served_here) {
        log::error("flash",
                   "another program serves flash on this database now: this one has stopped "
                   "selling. Stop one of the two; a restart sells again");
    } else if (!was_paused) {
        log::error("flash",
                   "the right to be the only one on this database was lost and somebody has it, "
                   "maybe a connection of this program that is not gone yet: nothing is sold until "
                   "it is back, which is tried every second");
    }
}

// Old orders go while the tables are known to be ours.
core::Task<> Shop::retire() {
    while (!co_await stopping_.wait(recovery_pause)) {
        if (!operations.is_open()) continue;
        co_await retention.run(stopping_, [this] { return operations.is_open(); });
    }
}

core::Task<> Shop::tell() {
    while (!co_await stopping_.wait(events_interval))
        if (operations.is_open()) events.update();
}

core::Task<> Shop::monitor() {
    while (!co_await stopping_.wait(monitor_pause)) {
        if (!operations.is_open() && !is_paused_) continue;
        // A connection that broke while it lay idle says nothing about the database: look again.
        const bool answers = co_await look_after_database() || co_await look_after_database();
        worker.note_database(answers);
    }
}

core::Task<bool> Shop::look_after_database() {
    try {
        co_await store.ping();
        co_await check_ours();
        co_await operations.settle_doubts();
        co_return true;
    } catch (const std::exception&) {
        co_return false;
    }
}

std::string Shop::component_down() const {
    if (!worker.database_answers()) return "database";
    if (!from_.log.healthy()) return "log";
    if (!operations.is_open()) return "gate";
    return "";
}

}  // namespace souk::flash
