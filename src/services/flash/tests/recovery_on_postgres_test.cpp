// A program is killed while its backend still carries out a COMMIT: the next one reads nothing
// before that is decided.
#include "flash/schema.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/postgres.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/gate_memory.h"
#include "services/flash/recovery.h"
#include "services/flash/tests/memory_log.h"
#include "services/flash/tests/orders.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr db::Sql count_waiting = R"(
    SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%worker_position%')";

class RecoveryOnPostgres : public ::testing::Test {
protected:
    RecoveryOnPostgres() {
        loop_.wait(predecessors_->migrate(migrations()));
        loop_.wait(before_.open_sale("phone", 10));
        for (std::uint32_t i = 1; i <= 4; ++i) log_.put(order_entry(i, i));
    }

    static db::Place place() {
        db::Place place;
        place.address = testing::Postgres::shared().address();
        place.schema = "flash_recovery";
        place.connections_max = 3;
        return place;
    }
    core::Task<std::optional<db::Transaction>> write(std::vector<LogEntry> entries) {
        db::Transaction transaction = co_await before_.begin();
        co_await before_.persist(transaction, log_.identity(), entries);
        co_return std::optional<db::Transaction>(std::move(transaction));
    }
    static core::Task<> commit(db::Transaction& transaction) { co_await transaction.commit(); }

    testing::OnLoop loop_;  // outlives the databases
    testing::FixedClock clock_;
    testing::SeededRandom random_;
    std::unique_ptr<db::Database> predecessors_ = db::open(place());
    std::unique_ptr<db::Database> database_ = db::open(place());
    Store before_{*predecessors_, clock_};
    Store store_{*database_, clock_};
    MemoryGate gate_{60s, clock_, random_};
    Backlog backlog_{10};
    MemoryLog log_;
};

TEST_F(RecoveryOnPostgres, waits_for_a_commit_that_is_under_way_and_agrees_with_it) {
    std::vector<LogEntry> batch = log_.stored();
    batch.pop_back();
    std::optional<db::Transaction> transaction = loop_.wait(write(std::move(batch)));

    std::future<Recovered> recovering =
        loop_.start(recover({gate_, log_, backlog_, store_, clock_, 60s}));
    EXPECT_TRUE(testing::comes_true([&] {
        const bool has_ended = recovering.wait_for(0s) == std::future_status::ready;
        return has_ended || db::integer(loop_.wait(predecessors_->read(count_waiting))[0][0]) == 1;
    }));
    EXPECT_EQ(backlog_.size(), 0U) << "nothing is rebuilt yet";
    loop_.wait(commit(*transaction));
    const Recovered found = testing::OnLoop::finish(std::move(recovering));

    EXPECT_EQ(found.backlog, 1U) << "the fourth, which was not in the batch";
    EXPECT_EQ(loop_.wait(gate_.stock("phone")), 6);
    EXPECT_EQ(log_.consumed_position(), 3);
}

}  // namespace
}  // namespace souk::flash
