// The flash room for tests: real gate, hand-over, operations, store on SQLite (behind a database
// that can fail), and a log in memory. Tests that speak HTTP put a TestClient in front of it.
#pragma once

#include "flash/schema.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/seeded_random.h"
#include "platform/testing/temporary_folder.h"
#include "services/flash/gate_memory.h"
#include "services/flash/hand_over.h"
#include "services/flash/operations.h"
#include "services/flash/tests/memory_log.h"
#include "services/flash/tests/orders.h"
#include "services/flash/worker.h"

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace souk::flash {

using testing::comes_true;
using testing::OnLoop;

class Room {
public:
    struct Options {
        std::int64_t rate_limit_rps = 0;
        std::size_t max_backlog = 1'000;
        std::size_t max_products = 10;
        std::chrono::milliseconds patience{20'000};  // of the hand-over
        std::chrono::seconds cancel_window{0};
        std::uint32_t max_per_user = 0;
        bool is_open = true;
    };

    Room() : Room(Options()) {}
    explicit Room(const Options& options)
        : gate(std::chrono::seconds(60), clock, random, options.max_per_user),
          backlog(options.max_backlog),
          limiter(options.rate_limit_rps, clock),
          hand_over({gate, log, backlog, counters, clock}, options.patience),
          operations({gate, log, backlog, hand_over, store, limiter, counters, clock, random},
                     {options.max_products, options.cancel_window}),
          worker({backlog, log, store, counters, clock}) {
        log.start(hand_over);
        loop.wait(database.migrate(migrations()));
        if (options.is_open) operations.open_for_orders(0);
    }

    core::Task<core::Result<Placed>> order(std::uint32_t number, std::string product = "phone") {
        return order_of("user-" + std::to_string(number), number, std::move(product));
    }
    core::Task<core::Result<Placed>> order_of(std::string user, std::uint32_t number,
                                              std::string product = "phone") {
        const std::string key = key_of(number);
        co_return co_await operations.place_order(
            {.product_id = product, .user_id = user, .key = key});
    }
    std::future<core::Result<Placed>> start_order(std::uint32_t number) {
        return loop.start(order(number));
    }
    core::Result<Placed> place(std::uint32_t number) { return loop.wait(order(number)); }

    // Fails as a request does when the database does.
    void start_sale(std::int64_t quantity, const std::string& product = "phone") {
        const core::Result<> started = loop.wait(operations.start_sale(product, quantity));
        if (!started) throw std::runtime_error(std::string(started.error().message.view()));
    }

    std::int64_t stock(const std::string& product = "phone") {
        return loop.wait(gate.stock(product)).value_or(-1);
    }
    std::int64_t count(db::Sql sql) { return db::integer(loop.wait(database.read(sql))[0][0]); }

    // The worker, until nothing is left to write.
    bool persist_all() {
        std::future<void> running = loop.start(worker.run());
        const bool done = comes_true([this] {
            return backlog.size() == 0 && backlog.queued() == 0 &&
                   log.consumed_position() >= log.last_position();
        });
        worker.stop();
        OnLoop::finish(std::move(running));
        return done;
    }

    OnLoop loop;  // outlives what waits on it
    testing::TemporaryFolder folder;
    testing::FixedClock clock;
    testing::SeededRandom random;
    metrics::Registry registry;
    Metrics counters{registry};
    testing::FlakyDatabase database{db::open({.file = folder.path() / "flash.db"})};
    Store store{database, clock};
    MemoryGate gate;
    MemoryLog log;
    Backlog backlog;
    Limiter limiter;
    HandOver hand_over;
    Operations operations;
    Worker worker;
};

}  // namespace souk::flash
