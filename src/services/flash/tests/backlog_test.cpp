#include "services/flash/backlog.h"

#include "platform/testing/on_loop.h"
#include "services/flash/tests/orders.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

class BacklogTest : public ::testing::Test {
protected:
    // Entries 1 to `count`, durable and queued.
    std::vector<LogEntry> queue(std::uint32_t count) {
        std::vector<LogEntry> entries;
        for (std::uint32_t i = 1; i <= count; ++i) {
            entries.push_back(order_entry(i, i));
            EXPECT_TRUE(backlog_.add(entries.back().order));
        }
        backlog_.enqueue(entries);
        return entries;
    }

    static std::vector<std::int64_t> positions(const std::vector<LogEntry>& entries) {
        std::vector<std::int64_t> all;
        for (const LogEntry& entry : entries) all.push_back(entry.position);
        return all;
    }

    using Positions = std::vector<std::int64_t>;
    Backlog backlog_{100};
};

TEST_F(BacklogTest, the_bound_refuses_and_takes_again_when_there_is_room) {
    Backlog small(2);
    const LogEntry first = order_entry(1);
    EXPECT_TRUE(small.add(first.order));
    EXPECT_TRUE(small.add(order_entry(2).order));
    EXPECT_FALSE(small.add(order_entry(3).order));
    EXPECT_EQ(small.find(order_id(3)), nullptr);
    EXPECT_EQ(small.size(), 2U);

    small.remove(*first.order);
    small.remove(*first.order);

    EXPECT_EQ(small.size(), 1U);
    EXPECT_TRUE(small.add(order_entry(3).order));
    small.restore(order_entry(4).order);
    EXPECT_EQ(small.size(), 3U) << "what was accepted before a restart is never refused";
    EXPECT_FALSE(small.add(order_entry(5).order));
}

TEST_F(BacklogTest, orders_are_found_by_id_and_by_key_until_they_are_removed) {
    const LogEntry entry = order_entry(1);
    backlog_.add(entry.order);
    backlog_.add(order_entry(2).order);
    EXPECT_EQ(backlog_.find(order_id(1)), entry.order);
    EXPECT_EQ(backlog_.find_by_key("key-1"), entry.order);
    EXPECT_EQ(backlog_.find(order_id(9)), nullptr);
    EXPECT_EQ(backlog_.find_by_key("key-9"), nullptr);

    backlog_.remove(*entry.order);

    EXPECT_EQ(backlog_.find(order_id(1)), nullptr);
    EXPECT_EQ(backlog_.find_by_key("key-1"), nullptr);
    EXPECT_NE(backlog_.find_by_key("key-2"), nullptr);
}

TEST_F(BacklogTest, a_key_names_its_newest_order_also_after_the_older_one_has_gone) {
    auto older = std::make_shared<PendingOrder>(order_record(1));
    OrderRecord record = order_record(2);
    record.key = key_of(1);
    const auto newer = std::make_shared<PendingOrder>(record);
    backlog_.add(older);
    backlog_.add(newer);
    EXPECT_EQ(backlog_.find_by_key("key-1"), newer);

    backlog_.remove(*older);
    older.reset();  // its text must not be what the map looks at

    EXPECT_EQ(backlog_.find_by_key("key-1"), newer);
    backlog_.remove(*newer);
    EXPECT_EQ(backlog_.find_by_key("key-1"), nullptr);
}

// Found by the simulation: a key is used again when its life is over, and that order
// does not make it into the log while the first one still waits for the database.
TEST_F(BacklogTest, a_key_names_its_older_order_again_when_a_newer_one_has_gone) {
    std::vector<PendingOrderPtr> orders;
    for (std::uint32_t i = 1; i <= 4; ++i) {
        OrderRecord record = order_record(i);
        record.key = key_of(1);
        orders.push_back(std::make_shared<PendingOrder>(record));
        backlog_.add(orders.back());
    }
    backlog_.remove(*orders[1]);
    EXPECT_EQ(backlog_.find_by_key("key-1"), orders[3]);
    backlog_.remove(*orders[3]);
    EXPECT_EQ(backlog_.find_by_key("key-1"), orders[2]);
    orders.erase(orders.begin() + 1, orders.end());

    backlog_.remove(*backlog_.find_by_key("key-1"));
    EXPECT_EQ(backlog_.find_by_key("key-1"), orders[0]);
    backlog_.remove(*orders[0]);
    EXPECT_EQ(backlog_.find_by_key("key-1"), nullptr);
}

TEST_F(BacklogTest, the_order_may_live_by_the_backlog_alone) {
    backlog_.add(order_entry(1).order);
    backlog_.remove(*backlog_.find(order_id(1)));
    EXPECT_EQ(backlog_.size(), 0U);
}

TEST_F(BacklogTest, taking_claims_the_oldest_and_as_many_as_wanted) {
    const std::vector<LogEntry> all = queue(5);
    const std::vector<LogEntry> taken = backlog_.take(3);
    EXPECT_EQ(positions(taken), (Positions{1, 2, 3}));
    EXPECT_EQ(all[0].order->phase, Phase::taken);
    EXPECT_EQ(all[3].order->phase, Phase::pending);
    EXPECT_EQ(backlog_.queued(), 2U);
    EXPECT_EQ(backlog_.size(), 5U) << "a taken order is still not in the database";
    EXPECT_EQ(positions(backlog_.take(100)), (Positions{4, 5}));
    EXPECT_TRUE(backlog_.take(100).empty());
}

TEST_F(BacklogTest, taking_ends_before_an_order_whose_cancel_is_being_decided) {
    const std::vector<LogEntry> all = queue(4);
    ASSERT_TRUE(all[2].order->change(Phase::pending, Phase::cancelling));
    EXPECT_EQ(positions(backlog_.take(100)), (Positions{1, 2}));
    EXPECT_TRUE(backlog_.take(100).empty());
    EXPECT_EQ(all[3].order->phase, Phase::pending) << "nothing behind it is claimed";

    all[2].order->phase = Phase::cancelled;
    backlog_.enqueue(std::vector<LogEntry>{cancellation_of(all[2].order, 5)});

    EXPECT_EQ(positions(backlog_.take(100)), (Positions{3, 4, 5}));
    EXPECT_EQ(all[2].order->phase, Phase::cancelled);
}

TEST_F(BacklogTest, a_cancel_that_was_lost_leaves_an_order_like_any_other) {
    const std::vector<LogEntry> all = queue(1);
    ASSERT_TRUE(all[0].order->change(Phase::pending, Phase::cancelling));
    EXPECT_TRUE(backlog_.take(100).empty());
    all[0].order->phase = Phase::pending;
    EXPECT_EQ(positions(backlog_.take(100)), (Positions{1}));
}

TEST_F(BacklogTest, broken_entries_and_cancellations_are_taken_in_their_place) {
    std::vector<LogEntry> entries{order_entry(1, 1), broken_entry("no sense", 2),
                                  order_entry(3, 3)};
    entries.push_back(cancellation_of(entries[0].order, 4));
    backlog_.enqueue(entries);
    EXPECT_EQ(positions(backlog_.take(100)), (Positions{1, 2, 3, 4}));
}

TEST_F(BacklogTest, what_is_given_back_is_first_again_with_its_phases) {
    const std::vector<LogEntry> all = queue(4);
    all[1].order->phase = Phase::cancelled;
    std::vector<LogEntry> taken = backlog_.take(3);
    ASSERT_EQ(taken.size(), 3U);

    backlog_.give_back(std::move(taken));

    EXPECT_EQ(all[0].order->phase, Phase::pending);
    EXPECT_EQ(all[1].order->phase, Phase::cancelled);
    EXPECT_EQ(all[2].order->phase, Phase::pending);
    EXPECT_EQ(positions(backlog_.take(100)), (Positions{1, 2, 3, 4}));
}

TEST_F(BacklogTest, finished_orders_are_gone) {
    queue(3);
    const std::vector<LogEntry> taken = backlog_.take(2);
    backlog_.finish(taken);
    EXPECT_EQ(backlog_.size(), 1U);
    EXPECT_EQ(backlog_.find(order_id(1)), nullptr);
    EXPECT_EQ(backlog_.find_by_key("key-2"), nullptr);
    EXPECT_NE(backlog_.find(order_id(3)), nullptr);
    backlog_.finish(std::vector<LogEntry>{broken_entry("no sense", 9)});
    EXPECT_EQ(backlog_.size(), 1U);
}

TEST_F(BacklogTest, the_age_is_that_of_the_oldest_queued_order) {
    EXPECT_EQ(backlog_.age(core::from_ms(test_time_ms)), 0ms);
    backlog_.enqueue(std::vector<LogEntry>{broken_entry("no sense", 1)});
    EXPECT_EQ(backlog_.age(core::from_ms(test_time_ms)), 0ms);
    queue(3);
    EXPECT_EQ(backlog_.age(core::from_ms(test_time_ms + 501)), 500ms);
    backlog_.take(2);
    EXPECT_EQ(backlog_.age(core::from_ms(test_time_ms + 502)), 500ms);
}

TEST_F(BacklogTest, waiting_for_work_ends_at_once_when_there_is_some) {
    testing::OnLoop loop;
    queue(1);
    EXPECT_TRUE(loop.wait(backlog_.wait_for_work(30s)));
}

TEST_F(BacklogTest, waiting_for_work_ends_when_some_comes_and_when_it_is_woken) {
    testing::OnLoop loop;
    for (int round = 0; round < 50; ++round) {
        std::future<bool> waiting = loop.start(backlog_.wait_for_work(30s));
        if (round % 2 == 0) std::this_thread::yield();
        backlog_.enqueue(std::vector<LogEntry>{order_entry(1, 1)});
        EXPECT_TRUE(testing::OnLoop::finish(std::move(waiting)));
        EXPECT_EQ(backlog_.take(10).size(), 1U);
    }
    // A wake before the wait begins is not remembered, so it is repeated.
    std::future<bool> woken = loop.start(backlog_.wait_for_work(30s));
    EXPECT_TRUE(testing::comes_true([&] {
        backlog_.wake();
        return woken.wait_for(0s) == std::future_status::ready;
    }));
    EXPECT_EQ(backlog_.queued(), 0U);
}

TEST_F(BacklogTest, waiting_for_work_ends_without_any_when_the_patience_is_over) {
    testing::OnLoop loop;
    EXPECT_FALSE(loop.wait(backlog_.wait_for_work(1ms)));
    EXPECT_FALSE(loop.wait(backlog_.wait_for_work(0ms)));
}

TEST(BacklogThreads, adding_finding_and_finishing_from_many_threads_loses_nothing) {
    Backlog backlog(1'000'000);
    constexpr std::uint32_t each = 2'000;
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < 4; ++t) {
        threads.emplace_back([&backlog, t] {
            for (std::uint32_t i = 0; i < each; ++i) {
                const LogEntry entry = order_entry(t * each + i, 0);
                backlog.add(entry.order);
                if (backlog.find_by_key(entry.order->record.key) == nullptr) std::abort();
                backlog.enqueue(std::vector<LogEntry>{entry});
            }
        });
    }
    std::size_t finished = 0;
    EXPECT_TRUE(testing::comes_true([&] {
        const std::vector<LogEntry> taken = backlog.take(100);
        backlog.finish(taken);
        finished += taken.size();
        return finished == 4 * each;
    }));
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(backlog.size(), 0U);
    EXPECT_EQ(backlog.queued(), 0U);
}

}  // namespace
}  // namespace souk::flash
