#include "services/flash/service.h"

#include "services/flash/errors.h"
#include "services/flash/gate_memory.h"
#include "services/flash/http.h"
#include "services/flash/order_log_sqlite.h"
#include "services/flash/rules.h"
#include "services/flash/shop.h"
#include "web/waiting_room_page.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr auto stop_patience =
    5s;  // the worker needs at most three, and what waits for the database a second

}  // namespace

// In the order in which they borrow from each other.
class Service::Parts {
public:
    Parts(Config with, Deps from)
        : config(std::move(with)),
          deps(from),
          gate(std::chrono::seconds(config.idempotency_ttl_seconds), deps.clock, deps.random,
               config.max_per_user),
          log({.file = config.data_dir + "/flash-log.db",
               .key_life = std::chrono::seconds(config.idempotency_ttl_seconds),
               .metrics = &deps.metrics},
              deps.clock, deps.random),
          shop(config, {gate, log, deps.database, deps.clock, deps.random, deps.metrics}),
          panel({gate, shop.backlog, shop.counters, shop.operations, deps.database, deps.clock}),
          desks({shop.events, shop.operations, deps.clock}, config.max_event_listeners),
          page({shop.operations, deps.random, web::waiting_room_page},
               {config.api_url, config.port, config.waiting_room_return_origins}),
          wiring{shop.operations,
                 [this] { return shop.component_down(); },
                 [this] { return deps.metrics.text(); },
                 config.admin_token,
                 config.waiting_room_url,
                 config.cors_origins,
                 &desks} {
        show_gauges();
    }

    void show_gauges();

    Config config;
    Deps deps;
    MemoryGate gate;
    SqliteOrderLog log;
    Shop shop;
    Panel panel;
    EventsDesks desks;
    WaitingRoom page;
    Wiring wiring;
    std::vector<metrics::Gauge> gauges;
    std::vector<std::future<void>> running;
};

void Service::Parts::show_gauges() {
    metrics::Registry& registry = deps.metrics;
    gauges.push_back(registry.gauge("souk_flash_backlog_orders",
                                    "Accepted orders that are not in the database yet", {},
                                    [this] { return static_cast<double>(shop.backlog.size()); }));
    gauges.push_back(registry.gauge(
        "souk_flash_backlog_age_seconds", "How long the oldest of them has waited", {}, [this] {
            return std::chrono::duration<double>(shop.backlog.age(deps.clock.now())).count();
        }));
    gauges.push_back(registry.gauge("souk_flash_event_listeners", "Connections to /events", {},
                                    [this] { return static_cast<double>(desks.peers()); }));
    gauges.push_back(registry.gauge("souk_flash_keys", "Idempotency keys remembered", {},
                                    [this] { return static_cast<double>(gate.keys()); }));
    gauges.push_back(registry.gauge("souk_flash_log_healthy", "1 when the order log can be written",
                                    {}, [this] { return log.healthy() ? 1.0 : 0.0; }));
    gauges.push_back(registry.gauge("souk_flash_database_up", "1 when the database answers", {},
                                    [this] { return shop.worker.database_answers() ? 1.0 : 0.0; }));
}

Service::Service(Config config, Deps deps)
    : parts_(std::make_unique<Parts>(std::move(config), deps)) {}
Service::~Service() = default;

http::Room Service::api() { return api_room(parts_->wiring); }
http::Room Service::waiting_room() { return flash::waiting_room(parts_->page, parts_->wiring); }

void Service::start() {
    auto& loop = parts_->deps.background.context();
    for (core::Task<>& task : parts_->shop.tasks()) {
        parts_->running.push_back(
            boost::asio::co_spawn(loop, std::move(task), boost::asio::use_future));
    }
    parts_->running.push_back(
        boost::asio::co_spawn(loop, parts_->panel.follow_dead_letters(), boost::asio::use_future));
}

bool Service::stop() {
    parts_->shop.stop();
    parts_->panel.stop();
    const auto until = std::chrono::steady_clock::now() + stop_patience;
    for (std::future<void>& each : parts_->running) {
        if (each.wait_until(until) != std::future_status::ready) return false;
        each.get();
    }
    parts_->running.clear();
    return true;
}

core::Task<Retried> Service::retry_dead_letter(std::int64_t position) {
    if (!parts_->shop.operations.is_open()) throw core::Unavailable("flash is not ready");
    const Retried retried = co_await retry_dead_letters(parts_->deps.database, position,
                                                        core::to_ms(parts_->deps.clock.now()));
    parts_->panel.look_again();
    co_return retried;
}

core::Task<core::Result<>> Service::start_sale(std::string product_id, std::int64_t quantity) {
    if (!is_product_id(product_id)) co_return invalid_product();
    if (quantity < 0 || quantity > quantity_max) co_return invalid_quantity();
    co_return co_await parts_->shop.operations.start_sale(std::move(product_id), quantity);
}

Panel& Service::panel() { return parts_->panel; }

std::vector<Component> Service::components() const {
    const bool database = parts_->shop.worker.database_answers();
    const bool log = parts_->log.healthy();
    const bool gate = parts_->shop.operations.is_open();
    const std::string file = "SQLite at " + parts_->config.data_dir + "/flash-log.db";
    return {
        {"database", database,
         parts_->deps.database.describe() +
             (database ? "" : " does not answer: accepted orders wait in the log")         },
        {"log",      log,      file + (log ? "" : " cannot be written: orders get 500")    },
        {"gate",     gate,
         gate ? "in memory, rebuilt at start"
              : "not open: orders get 500 until the state is rebuilt from log and database"},
    };
}

}  // namespace souk::flash
