// MAX_PER_USER with every operation of the disk failing in turn: one user orders, cancels and
// orders again until everything has its answer, and then has exactly as many places as orders.
#include "services/flash/tests/faults/room_on_disk.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace souk::flash {
namespace {

using testing::FaultDisk;

constexpr db::Sql count_kept = "SELECT count(*) FROM orders WHERE state <> 'cancelled'";
constexpr std::uint32_t places = 2;

// Two orders, the first of them cancelled, a third in its place.
class OneUser {
public:
    // Everything that has no answer yet, once. True when nothing is left.
    bool try_all(RoomOnDisk& room) {
        order(room, 1);
        order(room, 2);
        if (!cancelled_ && orders_.contains(1)) cancelled_ = room.cancel(orders_[1]).has_value();
        if (cancelled_) order(room, 3);
        return orders_.size() == 3;
    }

private:
    void order(RoomOnDisk& room, std::uint32_t number) {
        if (orders_.contains(number)) return;
        const core::Result<Placed> placed = room.place(number, "anna");
        if (placed) orders_[number] = placed->id;
    }

    std::map<std::uint32_t, OrderId> orders_;
    bool cancelled_ = false;
};

void expect_full(RoomOnDisk& room, const std::string& when) {
    for (std::uint32_t number = 10; number < 13; ++number) {
        const core::Result<Placed> placed = room.place(number, "anna");
        ASSERT_FALSE(placed) << when;
        EXPECT_EQ(placed.error().code, "limit_reached") << when;
    }
    EXPECT_EQ(room.gate_stock(), 10 - std::int64_t{places}) << when;
}

class UserSweep : public ::testing::TestWithParam<FaultDisk::Fault> {
protected:
    // Gives how many operations failed. With `crash_seed` the power fails before the user has tried
    // again.
    int run(int n, std::optional<std::uint64_t> crash_seed) {
        FaultDisk disk;
        testing::FixedClock clock;
        testing::SeededRandom random;
        auto room = std::make_unique<RoomOnDisk>(disk, clock, random, places);
        EXPECT_TRUE(room->start_sale(10));
        OneUser user;
        disk.fail_nth(n, GetParam());
        user.try_all(*room);
        const int failures = disk.failures();
        disk.heal();
        if (crash_seed) {
            disk.crash(*crash_seed);
            room.reset();
            room = std::make_unique<RoomOnDisk>(disk, clock, random, places);
        }
        const std::string when =
            "operation " + std::to_string(n) + " failed" + (crash_seed ? ", then the power" : "");
        for (int tries = 0; tries < 5 && !user.try_all(*room); ++tries) continue;
        EXPECT_TRUE(user.try_all(*room)) << when;
        expect_full(*room, when);
        EXPECT_TRUE(room->persist_all()) << when;
        EXPECT_EQ(room->count(count_kept), std::int64_t{places}) << when;
        room.reset();
        room = std::make_unique<RoomOnDisk>(disk, clock, random, places);
        expect_full(*room, when + ", after a restart");
        return failures;
    }
};

TEST_P(UserSweep, places_survive_every_failing_operation) {
    int n = 0;
    while (n < 200 && run(n, std::nullopt) > 0 && !HasFailure()) ++n;
    EXPECT_GT(n, 5);
    EXPECT_LT(n, 200);
}

TEST_P(UserSweep, and_a_power_cut_before_the_user_has_tried_again) {
    int n = 0;
    while (n < 200 && run(n, static_cast<std::uint64_t>(n)) > 0 && !HasFailure()) ++n;
    EXPECT_GT(n, 5);
    EXPECT_LT(n, 200);
}

INSTANTIATE_TEST_SUITE_P(
    disk, UserSweep,
    ::testing::Values(
        FaultDisk::Fault{.kind = FaultDisk::Kind::io_error, .lasts = false, .only = {}},
        FaultDisk::Fault{.kind = FaultDisk::Kind::io_error, .lasts = true, .only = {}},
        FaultDisk::Fault{.kind = FaultDisk::Kind::full, .lasts = true, .only = {}}));

}  // namespace
}  // namespace souk::flash
