// What the console shows of flash, and the late orders it takes from the backlog.
#include "services/flash/panel.h"

#include "services/flash/tests/room.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> ids(const std::vector<PendingOrderPtr>& orders) {
    std::vector<std::string> texts;
    for (const PendingOrderPtr& order : orders) texts.push_back(core::to_string(order->record.id));
    return texts;
}

std::vector<std::string> ids(const std::vector<std::uint32_t>& numbers) {
    std::vector<std::string> texts;
    for (const std::uint32_t number : numbers) texts.push_back(core::to_string(order_id(number)));
    return texts;
}

// Orders 1 to 10, each accepted a millisecond after the one before.
class LateTest : public ::testing::Test {
protected:
    LateTest() {
        for (std::uint32_t i = 1; i <= 10; ++i) {
            entries_.push_back(order_entry(i, i));
            backlog_.add(entries_.back().order);
        }
        backlog_.enqueue(entries_);
    }

    Backlog::Late late(std::int64_t after_ms, std::size_t most = 20) const {
        return backlog_.late(core::from_ms(test_time_ms + after_ms), most);
    }

    Backlog backlog_{100};
    std::vector<LogEntry> entries_;
};

TEST_F(LateTest, orders_are_late_once_their_time_is_over) {
    EXPECT_EQ(late(1).orders, 0U);
    EXPECT_EQ(late(4).orders, 3U);
    EXPECT_EQ(ids(late(4).oldest), ids({1, 2, 3}));
    EXPECT_EQ(late(100).orders, 10U);
    EXPECT_EQ(ids(late(100, 2).oldest), ids({1, 2}));
    EXPECT_EQ(Backlog(1).late(core::from_ms(test_time_ms), 20).orders, 0U);
}

TEST_F(LateTest, what_stands_behind_a_cancellation_that_was_read_from_the_log_is_not_late) {
    OrderRecord read = order_record(10);
    read.accepted_at_ms = test_time_ms + 11;
    backlog_.enqueue(
        std::vector<LogEntry>{cancellation_of(std::make_shared<PendingOrder>(read), 11)});
    EXPECT_EQ(late(4).orders, 3U);
    EXPECT_EQ(late(11).orders, 10U);
}

TEST_F(LateTest, what_the_worker_has_taken_is_late_until_it_is_finished) {
    std::vector<LogEntry> batch = backlog_.take(4);

    EXPECT_EQ(late(100).orders, 10U);
    EXPECT_EQ(ids(late(100, 5).oldest), ids({1, 2, 3, 4, 5}));
    EXPECT_EQ(late(3).orders, 2U);

    backlog_.finish({batch.data(), 1});
    EXPECT_EQ(ids(late(100, 3).oldest), ids({2, 3, 4})) << "written one by one";
    backlog_.finish({batch.data() + 1, 3});
    EXPECT_EQ(late(100).orders, 6U);
    EXPECT_EQ(ids(late(100, 1).oldest), ids(std::vector<std::uint32_t>{5}));
}

TEST_F(LateTest, what_is_given_back_is_late_once) {
    backlog_.give_back(backlog_.take(4));

    EXPECT_EQ(late(100).orders, 10U);
    EXPECT_EQ(ids(late(100, 5).oldest), ids({1, 2, 3, 4, 5}));
}

TEST_F(LateTest, a_cancelled_order_is_none_of_the_oldest_and_counts_no_more_than_once) {
    const PendingOrderPtr order = entries_[1].order;
    order->phase = Phase::cancelled;
    order->cancelled_at_ms = test_time_ms + 50;
    backlog_.enqueue(std::vector<LogEntry>{cancellation_of(order, 11), broken_entry("?", 12)});

    EXPECT_EQ(late(20).orders, 10U);
    EXPECT_EQ(late(100).orders, 10U) << "twelve entries, ten orders";
    EXPECT_EQ(ids(late(20, 3).oldest), ids({1, 3, 4}));
}

class PanelTest : public ::testing::Test {
protected:
    Panel::Now tick() {
        room_.clock.advance(1s);
        panel_.sample(++tick_);
        return panel_.now({.after = tick_ - 1});
    }

    Room room_;
    Panel panel_{
        {room_.gate, room_.backlog, room_.counters, room_.operations, room_.database, room_.clock}
    };
    std::uint64_t tick_ = 0;
};

TEST_F(PanelTest, outcomes_are_counted_and_told_by_the_second) {
    room_.start_sale(3);
    tick();
    room_.place(1);
    room_.place(1);
    room_.place(2);
    room_.place(3);
    room_.place(4);
    room_.place(5);

    const Panel::Now now = tick();

    EXPECT_EQ(now.totals.accepted, 3U);
    EXPECT_EQ(now.totals.duplicates, 1U);
    EXPECT_EQ(now.totals.sold_out, 2U);
    EXPECT_EQ(now.per_second.accepted, 3.0);
    EXPECT_EQ(now.per_second.duplicates, 1.0);
    EXPECT_EQ(now.per_second.sold_out, 2.0);
    ASSERT_EQ(now.history.size(), 1U);
    EXPECT_EQ(now.history[0].per_second.accepted, 3.0);
    EXPECT_EQ(now.history[0].backlog, 3);
    EXPECT_EQ(now.history[0].unix_seconds, test_time_ms / 1'000 + 2);
    EXPECT_EQ(now.backlog, 3U);

    const Panel::Now later = tick();
    EXPECT_EQ(later.totals.accepted, 3U);
    EXPECT_EQ(later.per_second.accepted, 0.0);
}

TEST_F(PanelTest, whatever_was_answered_500_has_failed) {
    Room closed(Room::Options{.is_open = false});
    Panel panel({closed.gate, closed.backlog, closed.counters, closed.operations, closed.database,
                 closed.clock});
    EXPECT_FALSE(closed.place(1));

    panel.sample(1);

    EXPECT_EQ(panel.now({}).totals.failed, 1U);
}

TEST_F(PanelTest, a_sale_has_the_gates_figures_and_its_own_rate) {
    tick();
    tick();
    room_.start_sale(5);
    room_.place(1);
    room_.place(2);

    const Panel::Now now = tick();

    ASSERT_EQ(now.sales.size(), 1U);
    EXPECT_EQ(now.sales_total, 1U);
    EXPECT_EQ(now.sales[0].figures.product_id, "phone");
    EXPECT_EQ(now.sales[0].figures.quantity, 5);
    EXPECT_EQ(now.sales[0].figures.left, room_.stock());
    EXPECT_EQ(now.sales[0].accepted_per_second, 2.0) << "it began within this second";
    EXPECT_EQ(tick().sales[0].accepted_per_second, 0.0);

    room_.start_sale(9);
    room_.place(3);
    const Panel::Now again = tick();
    EXPECT_EQ(again.sales[0].figures.epoch, 2U);
    EXPECT_EQ(again.sales[0].accepted_per_second, 1.0) << "of the new sale alone";
}

TEST_F(PanelTest, the_first_look_at_a_sale_knows_no_rate) {
    room_.start_sale(5);
    room_.place(1);

    EXPECT_EQ(tick().sales[0].accepted_per_second, 0.0);
}

TEST_F(PanelTest, the_first_who_looks_sees_the_sales_and_rates_follow) {
    room_.start_sale(50);
    for (int i = 0; i < 10; ++i) {
        room_.clock.advance(1s);
        panel_.sample(++tick_);
    }
    room_.place(1);

    const Panel::Now first = panel_.now({});
    ASSERT_EQ(first.sales.size(), 1U);
    EXPECT_EQ(first.sales[0].figures.accepted, 1);
    EXPECT_EQ(first.sales_total, 1U);
    EXPECT_EQ(tick().sales[0].accepted_per_second, 0.0) << "nobody looked a second ago";
    room_.place(2);
    EXPECT_EQ(tick().sales[0].accepted_per_second, 1.0);
}

TEST_F(PanelTest, orders_are_late_after_five_seconds_and_the_backlog_has_their_age) {
    room_.start_sale(5);
    room_.place(1);
    room_.clock.advance(5s);
    EXPECT_EQ(panel_.now({}).late.orders, 0U);

    room_.clock.advance(1ms);
    const Panel::Now now = panel_.now({});

    EXPECT_EQ(now.late.orders, 1U);
    EXPECT_EQ(now.backlog_age, 5'001ms);
    EXPECT_TRUE(room_.persist_all());
    EXPECT_EQ(panel_.now({}).late.orders, 0U);
    EXPECT_EQ(panel_.now({}).backlog_age, 0ms);
}

TEST_F(PanelTest, dead_letters_are_looked_up_while_somebody_watches) {
    room_.loop.wait(room_.database.write(
        "INSERT INTO dead_letters (log, position, record, reason) VALUES ('l', 7, 'r', 'why')"));
    EXPECT_EQ(panel_.now({}).dead_letters, std::nullopt) << "nobody has looked yet";
    room_.database.fail_from(0, testing::Failing::unavailable);
    std::future<void> following = room_.loop.start(panel_.follow_dead_letters());
    EXPECT_TRUE(comes_true([this] {
        room_.clock.advance(5s);
        return panel_.now({}).dead_letters || room_.database.failures() >= 2;
    }));
    EXPECT_EQ(panel_.now({}).dead_letters, std::nullopt) << "the database does not answer";
    room_.database.heal();

    EXPECT_TRUE(comes_true([this] {
        room_.clock.advance(5s);
        return panel_.now({}).dead_letters == 1;
    }));

    const Panel::Now now = panel_.now({});
    ASSERT_EQ(now.newest_dead_letters.size(), 1U);
    EXPECT_EQ(now.newest_dead_letters[0].position, 7);
    panel_.stop();
    OnLoop::finish(std::move(following));
}

}  // namespace
}  // namespace souk::flash
