// The parts of the room that accept, cancel and persist, with the real log and database on a disk
// that fails. The log has no thread: whoever waits for an answer does its rounds.
#pragma once

#include "flash/schema.h"
#include "platform/testing/fault_disk.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/gate_memory.h"
#include "services/flash/hand_over.h"
#include "services/flash/operations.h"
#include "services/flash/order_log_sqlite.h"
#include "services/flash/recovery.h"
#include "services/flash/tests/orders.h"
#include "services/flash/worker.h"

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace souk::flash {

class RoomOnDisk {
public:
    // Starts as the program does. Throws when the disk fails meanwhile.
    RoomOnDisk(testing::FaultDisk& disk, testing::FixedClock& clock, core::Random& random,
               std::uint32_t max_per_user = 0)
        : disk_(disk),
          clock_(clock),
          random_(random),
          database_(db::open({.file = "flash.db", .vfs = disk.vfs()})),
          gate_(std::chrono::seconds(60), clock, random, max_per_user) {
        loop_.wait(database_->migrate(migrations()));
        const Recovered found =
            loop_.wait(recover({gate_, log_, backlog_, store_, clock_, std::chrono::seconds(60)}));
        log_.start_without_thread(hand_over_);
        operations_.open_for_orders(found.products);
    }

    core::Result<> start_sale(std::int64_t quantity) {
        return wait(operations_.start_sale("phone", quantity));
    }
    core::Result<Placed> place(std::uint32_t number) {
        return place(number, "user-" + std::to_string(number));
    }
    core::Result<Placed> place(std::uint32_t number, std::string user) {
        key_ = key_of(number);
        user_ = std::move(user);
        return wait(
            operations_.place_order({.product_id = "phone", .user_id = user_, .key = key_}));
    }
    core::Result<Cancelled> cancel(OrderId id) {
        return wait(operations_.cancel(core::to_string(id), std::nullopt));
    }

    // The worker, until nothing is left to write.
    bool persist_all() {
        std::future<void> running = loop_.start(worker_.run());
        const bool done =
            testing::comes_true([this] { return backlog_.size() == 0 && backlog_.queued() == 0; });
        worker_.stop();
        testing::OnLoop::finish(std::move(running));
        return done;
    }

    std::int64_t gate_stock() { return loop_.wait(gate_.stock("phone")).value_or(-1); }
    std::int64_t row_stock() { return loop_.wait(store_.sales()).at(0).stock; }
    std::int64_t count(db::Sql sql) { return db::integer(loop_.wait(database_->read(sql))[0][0]); }

private:
    // A disk that goes on failing is mended once the log has looked at it a few times.
    template <typename T>
    T wait(core::Task<T> task) {
        std::future<T> answer = loop_.start(std::move(task));
        int rounds = 0;
        while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
            log_.step();
            if (!log_.healthy() && ++rounds > 3) disk_.heal();
        }
        return answer.get();
    }

    testing::FaultDisk& disk_;
    testing::FixedClock& clock_;
    core::Random& random_;
    std::string key_;
    std::string user_;
    testing::OnLoop loop_;  // outlives what waits on it
    std::unique_ptr<db::Database> database_;
    metrics::Registry registry_;
    Metrics counters_{registry_};
    Store store_{*database_, clock_};
    MemoryGate gate_;
    SqliteOrderLog log_{
        {.file = "log.db", .key_life = std::chrono::seconds(60), .vfs = disk_.vfs()},
        clock_,
        random_
    };
    Backlog backlog_{1'000};
    Limiter limiter_{0, clock_};
    HandOver hand_over_{
        {gate_, log_, backlog_, counters_, clock_},
        std::chrono::seconds(20)
    };
    Operations operations_{
        {gate_, log_, backlog_, hand_over_, store_, limiter_, counters_, clock_, random_},
        {10, std::chrono::seconds(0)}
    };
    Worker worker_{
        {backlog_, log_, store_, counters_, clock_}
    };
};

}  // namespace souk::flash
