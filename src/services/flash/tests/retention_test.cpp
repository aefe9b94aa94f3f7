#include "services/flash/retention.h"

#include "services/flash/tests/room.h"

#include <gtest/gtest.h>

#include <chrono>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr db::Sql count_orders = "SELECT count(*) FROM orders";

// Two days after an order was written.
class RetentionTest : public ::testing::Test {
protected:
    RetentionTest() {
        room_.start_sale(10);
        EXPECT_TRUE(room_.place(1));
        EXPECT_TRUE(room_.persist_all());
        room_.clock.advance(48h);
    }

    Room room_;
    Retention retention_{
        {room_.database, room_.backlog, room_.clock, room_.registry},
        {.keep = 24h, .archive = false}
    };
    core::Event stopping_;
};

TEST_F(RetentionTest, removes_nothing_from_a_database_that_another_program_serves_now) {
    room_.loop.wait(retention_.run(stopping_, [] { return false; }));
    EXPECT_EQ(room_.count(count_orders), 1);
}

TEST_F(RetentionTest, removes_old_orders_until_it_is_stopped) {
    std::future<void> running = room_.loop.start(retention_.run(stopping_, [] { return true; }));
    EXPECT_TRUE(comes_true([this] { return room_.count(count_orders) == 0; }));
    stopping_.set();
    OnLoop::finish(std::move(running));
}

TEST(RetentionChoice, an_order_stays_an_hour_longer_than_it_can_be_cancelled) {
    Config config;
    config.orders_keep_days = 1;
    EXPECT_EQ(Retention::choice(config).keep, 24h);
    config.cancel_window_seconds = 24 * 3600;
    EXPECT_EQ(Retention::choice(config).keep, 25h) << "a cancel may be in doubt for a while";
    config.cancel_window_seconds = 24 * 3600 + 1;
    EXPECT_EQ(Retention::choice(config).keep, 26h);
    config.orders_keep_days = 0;
    EXPECT_EQ(Retention::choice(config).keep, 0h) << "for ever";
}

}  // namespace
}  // namespace souk::flash
