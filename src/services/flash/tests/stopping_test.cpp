// A stop in the middle of whatever the worker does: its position never passes an order that is in
// neither table, since the next start would not look at it again.
#include "services/flash/tests/two_cancels.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;
using testing::Failing;

constexpr db::Sql count_settled =
    "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM dead_letters)";
constexpr db::Sql select_position = "SELECT coalesce(max(position), 0) FROM worker_position";
constexpr db::Sql select_stock = "SELECT stock FROM products WHERE id = 'phone'";

constexpr std::uint32_t orders = 40;

void accept_orders(Room& room) {
    room.start_sale(100);
    for (std::uint32_t i = 1; i <= orders; ++i) ASSERT_TRUE(room.place(i));
}

// Runs the worker until `failures` calls failed, stops it at once, and looks at what is written.
void stop_after(Room& room, int failures, const std::string& when) {
    std::future<void> running = room.loop.start(room.worker.run());
    ASSERT_TRUE(comes_true([&] {
        return room.database.failures() >= failures || room.backlog.size() == 0;
    })) << when;
    room.worker.stop(0ms);
    OnLoop::finish(std::move(running));
    room.database.heal();
    EXPECT_EQ(room.count(select_position), room.count(count_settled)) << when;
    EXPECT_LE(room.log.consumed_position(), room.count(count_settled)) << when;
    EXPECT_EQ(room.count(select_stock), 100 - room.count(count_settled)) << when;
}

TEST(Stopping, in_the_middle_of_a_refused_batch_passes_no_order_by) {
    for (int failures = 1; failures <= 2; ++failures) {
        Room room;
        accept_orders(room);
        room.database.refuse_text("user-20");
        stop_after(room, failures, "after " + std::to_string(failures) + " failures");
    }
}

TEST(Stopping, after_a_commit_without_an_answer_passes_no_order_by) {
    for (int n = 0; n < 12; ++n) {
        for (const Failing how : {Failing::lost_answer, Failing::unavailable}) {
            Room room;
            accept_orders(room);
            room.database.fail_from(n, how);
            stop_after(room, 1, "from call " + std::to_string(n));
        }
    }
}

TEST(Stopping, a_patient_stop_writes_what_a_refusal_left) {
    Room room;
    accept_orders(room);
    room.database.refuse_text("user-20");
    room.worker.stop(10s);
    room.loop.wait(room.worker.run());
    EXPECT_EQ(room.count(count_settled), std::int64_t{orders});
    EXPECT_EQ(room.backlog.size(), 0U);
}

// Two clicks on one cancel button while the database fails at its n-th call: one unit at the most.
TEST(Stopping, two_cancels_of_one_confirmed_order_return_one_unit) {
    for (int n = 0; n < 24; ++n) {
        for (const Failing how : {Failing::lost_answer, Failing::unavailable}) {
            Room room(Room::Options{.cancel_window = 3600s});
            room.start_sale(5);
            ASSERT_TRUE(room.place(1));
            ASSERT_TRUE(room.persist_all());
            cancel_twice(room, key_of(1), n, how);
            EXPECT_EQ(room.stock(), room.count(select_stock)) << "call " << n;
            EXPECT_LE(room.stock(), 5) << "call " << n;
        }
    }
}

}  // namespace
}  // namespace souk::flash
