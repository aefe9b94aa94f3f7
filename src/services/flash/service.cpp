#include "services/flash/service.h"

#include "flash/schema.h"
#include "platform/core/event.h"
#include "platform/core/pause.h"
#include "platform/log/log.h"
#include "services/flash/gate_memory.h"
#include "services/flash/http.h"
#include "services/flash/order_log_sqlite.h"
#include "services/flash/recovery.h"
#include "services/flash/retention.h"
#include "services/flash/worker.h"
#include "web/waiting_room_page.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr auto hand_over_patience = 900ms;  // an answer within a second (spec 2.4, 7)
constexpr auto recovery_pause = 500ms;
constexpr auto monitor_pause = 1s;
constexpr auto stop_patience =
    5s;  // the worker needs at most three, and what waits for the database a second

}  // namespace

// In the order in which they borrow from each other.
class Service::Parts {
public:
    Parts(Config with, Deps from)
        : config(std::move(with)),
          deps(from),
          key_life(config.idempotency_ttl_seconds),
          counters(deps.metrics),
          gate(key_life, deps.clock, deps.random),
          log({.file = config.data_dir + "/flash-log.db", .key_life = key_life}, deps.clock,
              deps.random),
          backlog(config.max_backlog),
          store(deps.database, deps.clock),
          limiter(config.rate_limit_rps, deps.clock),
          client_limits(config.per_ip_rps, deps.clock, deps.random),
          events(gate),
          hand_over({gate, log, backlog, counters, deps.clock, &events}, hand_over_patience),
          worker({backlog, log, store, counters, deps.clock, &events}),
          retention({deps.database, backlog, deps.clock, deps.metrics}, Retention::choice(config)),
          operations({gate, log, backlog, hand_over, store, limiter, counters, deps.clock,
                      deps.random, &events, &client_limits},
                     {config.max_products, std::chrono::seconds(config.cancel_window_seconds)}),
          desks({events, operations, deps.clock}, config.max_event_listeners),
          page({operations, deps.random, web::waiting_room_page},
               {config.api_url, config.port, config.waiting_room_return_origins}),
          wiring{operations,
                 [this] { return component_down(); },
                 [this] { return deps.metrics.text(); },
                 config.admin_token,
                 config.waiting_room_url,
                 config.cors_origins,
                 &desks} {
        show_gauges();
    }

    core::Task<> run();
    core::Task<> monitor();
    core::Task<bool> get_ready();
    core::Task<std::string> why_not_ours();
    core::Task<> check_ours();
    core::Task<> take_over();
    core::Task<> leave();
    core::Task<> retire();
    core::Task<> tell();
    std::string component_down() const;
    void show_gauges();

    Config config;
    Deps deps;
    std::chrono::seconds key_life;
    Metrics counters;
    MemoryGate gate;
    SqliteOrderLog log;
    Backlog backlog;
    Store store;
    Limiter limiter;
    ClientLimits client_limits;
    Events events;
    HandOver hand_over;
    Worker worker;
    Retention retention;
    Operations operations;
    EventsDesks desks;
    WaitingRoom page;
    Wiring wiring;
    std::vector<metrics::Gauge> gauges;
    std::string told_problem;
    core::Event stopping;
    std::vector<std::future<void>> running;
};

// Recovery, then the worker until the end.
core::Task<> Service::Parts::run() {
    while (!co_await get_ready()) {
        if (co_await stopping.wait(recovery_pause)) co_return;
    }
    co_await worker.run();
    co_await leave();
}

// With nothing left in the log another may serve the database.
core::Task<> Service::Parts::leave() {
    if (backlog.size() > 0) co_return;
    try {
        co_await store.serve_no_more(log.identity());
    } catch (const std::exception& failure) {
        const log::Field why("reason", failure.what());
        log::warn(
            "flash",
            "the database still says that this log serves it; the next start here goes on with it",
            {why});
    }
}

core::Task<bool> Service::Parts::get_ready() {
    std::string problem;
    try {
        co_await deps.database.migrate(migrations());
        problem = co_await why_not_ours();
        if (problem.empty()) {
            co_await take_over();
            co_return true;
        }
    } catch (const std::exception& failure) {
        problem = failure.what();
    }
    worker.note_database(false);
    if (problem != told_problem) {
        const std::string database = deps.database.describe();
        const log::Field where("database", database);
        const log::Field why("reason", problem);
        log::error("flash",
                   "not ready: orders get 500 until the database can be used; it is tried again "
                   "twice a second",
                   {where, why});
    }
    told_problem = std::move(problem);
    co_return false;
}

// Empty when this process may sell on this database. Nothing is taken before that is clear: a
// program that waits must not keep the rightful one out.
core::Task<std::string> Service::Parts::why_not_ours() {
    const std::string serving = co_await store.serving();
    if (!serving.empty() && serving != log.identity() && !config.take_over) {
        co_return "the order log " + serving +
            " serves this database; its data directory may hold orders that are not in the "
            "database. Start souk "
            "there, or, when that directory is gone for good, here with --flash-take-over";
    }
    if (!co_await deps.database.claim("flash")) {
        co_return "another program serves flash on this database; stop it, or give this one "
                  "another";
    }
    co_await store.serve(log.identity());
    co_return "";
}

// From what is on disk to taking orders.
core::Task<> Service::Parts::take_over() {
    const core::Instant began = deps.clock.instant();
    const Recovered found = co_await recover({gate, log, backlog, store, deps.clock, key_life});
    log.start(hand_over);
    operations.open_for_orders(found.products);
    worker.note_database(true);
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(deps.clock.instant() - began);
    log::info("flash", "ready for orders",
              {log::Field("products", found.products), log::Field("keys", found.keys),
               log::Field("backlog", found.backlog), log::Field("rebuilt_in_ms", took.count())});
    if (found.short_units == 0) co_return;
    log::error("flash",
               "the database has fewer units than accepted orders: the last of them will be kept "
               "as failed",
               {log::Field("orders", found.short_units)});
}

// After the database was restarted the claim is taken again; when another program was faster, or
// took over by force, going on would sell its units.
core::Task<> Service::Parts::check_ours() {
    const bool is_ours =
        co_await deps.database.claim("flash") && co_await store.serving() == log.identity();
    if (is_ours) co_return;
    operations.close();
    log::error("flash",
               "another program serves flash on this database now: this one has stopped selling. "
               "Stop one of the two; a restart sells again");
}

// Old orders go once the tables are known to be ours.
core::Task<> Service::Parts::retire() {
    while (!operations.is_open()) {
        if (co_await stopping.wait(recovery_pause)) co_return;
    }
    co_await retention.run(stopping);
}

core::Task<> Service::Parts::tell() {
    while (!co_await stopping.wait(events_interval))
        if (operations.is_open()) events.update();
}

core::Task<> Service::Parts::monitor() {
    while (!co_await stopping.wait(monitor_pause)) {
        if (!operations.is_open()) continue;
        try {
            co_await store.ping();
            worker.note_database(true);
            co_await check_ours();
            co_await operations.settle_doubts();
        } catch (const std::exception&) {
            worker.note_database(false);
        }
    }
}

std::string Service::Parts::component_down() const {
    if (!worker.database_answers()) return "database";
    if (!log.healthy()) return "log";
    if (!operations.is_open()) return "gate";
    return "";
}

void Service::Parts::show_gauges() {
    metrics::Registry& registry = deps.metrics;
    gauges.push_back(registry.gauge("souk_flash_backlog_orders",
                                    "Accepted orders that are not in the database yet", {},
                                    [this] { return static_cast<double>(backlog.size()); }));
    gauges.push_back(registry.gauge(
        "souk_flash_backlog_age_seconds", "How long the oldest of them has waited", {},
        [this] { return std::chrono::duration<double>(backlog.age(deps.clock.now())).count(); }));
    gauges.push_back(registry.gauge("souk_flash_event_listeners", "Connections to /events", {},
                                    [this] { return static_cast<double>(desks.peers()); }));
    gauges.push_back(registry.gauge("souk_flash_keys", "Idempotency keys remembered", {},
                                    [this] { return static_cast<double>(gate.keys()); }));
    gauges.push_back(registry.gauge("souk_flash_log_healthy", "1 when the order log can be written",
                                    {}, [this] { return log.healthy() ? 1.0 : 0.0; }));
    gauges.push_back(registry.gauge("souk_flash_database_up", "1 when the database answers", {},
                                    [this] { return worker.database_answers() ? 1.0 : 0.0; }));
}

Service::Service(Config config, Deps deps)
    : parts_(std::make_unique<Parts>(std::move(config), deps)) {}
Service::~Service() = default;

http::Room Service::api() { return api_room(parts_->wiring); }
http::Room Service::waiting_room() { return flash::waiting_room(parts_->page, parts_->wiring); }

void Service::start() {
    auto& loop = parts_->deps.background.context();
    for (core::Task<> (Parts::*part)() :
         {&Parts::run, &Parts::monitor, &Parts::retire, &Parts::tell}) {
        parts_->running.push_back(
            boost::asio::co_spawn(loop, (parts_.get()->*part)(), boost::asio::use_future));
    }
}

bool Service::stop() {
    parts_->log.stop();
    parts_->stopping.set();
    parts_->worker.stop();
    const auto until = std::chrono::steady_clock::now() + stop_patience;
    for (std::future<void>& each : parts_->running) {
        if (each.wait_until(until) != std::future_status::ready) return false;
        each.get();
    }
    parts_->running.clear();
    return true;
}

core::Task<Retried> Service::retry_dead_letter(std::int64_t position) {
    if (!parts_->operations.is_open()) throw core::Unavailable("flash is not ready");
    return retry_dead_letters(parts_->deps.database, position,
                              core::to_ms(parts_->deps.clock.now()));
}

std::vector<Component> Service::components() const {
    return {
        {"flash database", parts_->worker.database_answers(), parts_->deps.database.describe()},
        {"flash log",      parts_->log.healthy(),
         "SQLite at " + parts_->config.data_dir + "/flash-log.db"                             },
        {"flash gate",     parts_->operations.is_open(),      "in memory, rebuilt at start"   }
    };
}

}  // namespace souk::flash
