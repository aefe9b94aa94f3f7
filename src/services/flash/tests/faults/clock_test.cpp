// The wall clock is set back an hour, as by NTP or an operator: keys, limiter, log and order ids go
// on by the time that really passes.
#include "platform/testing/fault_disk.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/gate_memory.h"
#include "services/flash/limiter.h"
#include "services/flash/tests/faults/room_on_disk.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

class ClockSetBack : public ::testing::Test {
protected:
    void set_back() { clock_.set(clock_.now() - 1h); }

    testing::FixedClock clock_;
    testing::SeededRandom random_;
    testing::FaultDisk disk_;  // which never fails here
};

TEST_F(ClockSetBack, a_key_lives_as_long_as_ever) {
    RoomOnDisk room(disk_, clock_, random_);
    ASSERT_TRUE(room.start_sale(10));
    const OrderId first = room.place(1)->id;

    set_back();
    clock_.advance(59s);
    const core::Result<Placed> again = room.place(1);
    EXPECT_TRUE(again->is_duplicate);
    EXPECT_EQ(core::to_string(again->id), core::to_string(first));

    clock_.advance(2s);
    EXPECT_FALSE(room.place(1)->is_duplicate) << "its life is over";
    EXPECT_EQ(room.gate_stock(), 8);
}

TEST_F(ClockSetBack, the_limiter_refills_as_ever) {
    Limiter limiter(10, clock_);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(limiter.take());
    ASSERT_FALSE(limiter.take());

    set_back();
    EXPECT_FALSE(limiter.take()) << "no time has passed";
    clock_.advance(100ms);
    EXPECT_TRUE(limiter.take());
    EXPECT_FALSE(limiter.take());
}

TEST_F(ClockSetBack, order_ids_stay_unique_and_sorted_from_the_step_on) {
    std::set<std::string> ids;
    std::string before;
    for (int i = 0; i < 1'000; ++i) {
        before = core::to_string(core::make_uuid_v7(clock_.now(), random_));
        ids.insert(before);
        clock_.advance(1ms);
    }
    const std::string last_before = before;
    set_back();
    std::string previous;
    for (int i = 0; i < 1'000; ++i) {
        const std::string id = core::to_string(core::make_uuid_v7(clock_.now(), random_));
        EXPECT_GT(id, previous) << "sorted from the step on";
        EXPECT_LT(id, last_before);
        ids.insert(id);
        previous = id;
        clock_.advance(1ms);
    }
    EXPECT_EQ(ids.size(), 2'000U);
}

TEST_F(ClockSetBack, orders_before_and_after_are_all_persisted_and_restored) {
    auto room = std::make_unique<RoomOnDisk>(disk_, clock_, random_);
    ASSERT_TRUE(room->start_sale(10));
    ASSERT_TRUE(room->place(1));
    set_back();
    ASSERT_TRUE(room->place(2));
    room.reset();

    room = std::make_unique<RoomOnDisk>(disk_, clock_, random_);
    EXPECT_TRUE(room->place(1)->is_duplicate);
    EXPECT_TRUE(room->place(2)->is_duplicate);
    EXPECT_EQ(room->gate_stock(), 8);
    ASSERT_TRUE(room->persist_all());
    EXPECT_EQ(room->row_stock(), 8);
    EXPECT_EQ(room->count("SELECT count(*) FROM orders"), 2);
}

// What has outlived its key by the time that really passed is removed, and positions go on rising.
TEST_F(ClockSetBack, the_log_is_tidied_as_ever) {
    SqliteOrderLog log({.file = "log.db", .key_life = 60s, .vfs = disk_.vfs()}, clock_, random_);
    struct Silent final : LogListener {
        void settled(std::span<const LogEntry> entries, bool durable) override {
            ASSERT_TRUE(durable);
            last = entries.back().position;
        }
        std::int64_t last = 0;
    } listener;
    log.start_without_thread(listener);
    for (const std::uint32_t number : {1U, 2U, 3U}) {
        log.append(order_entry(number));
        log.step();
    }
    const std::int64_t before = listener.last;
    log.consumed(before);
    set_back();
    clock_.advance(61s);
    log.append(order_entry(4));
    log.step();
    log.step();
    EXPECT_GT(listener.last, before);
    EXPECT_EQ(log.stored().size(), 1U);
}

}  // namespace
}  // namespace souk::flash
