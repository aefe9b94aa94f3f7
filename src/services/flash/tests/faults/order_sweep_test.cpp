// Accepting orders and cancelling one, with every operation of the disk failing in turn: whatever
// happens, clients that repeat what got a 500 end with each order once and each unit in its place.
#include "services/flash/tests/faults/room_on_disk.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace souk::flash {
namespace {

using testing::FaultDisk;

constexpr db::Sql count_orders = "SELECT count(*) FROM orders";
constexpr db::Sql count_cancelled = "SELECT count(*) FROM orders WHERE state = 'cancelled'";
constexpr db::Sql count_confirmed = "SELECT count(*) FROM orders WHERE state = 'confirmed'";

// Three orders and a cancel of the second, as clients whose requests may fail.
class Clients {
public:
    // Everything that has no answer yet, once. True when nothing is left.
    bool try_all(RoomOnDisk& room) {
        for (std::uint32_t number = 1; number <= 3; ++number) {
            if (orders_.contains(number)) continue;
            const core::Result<Placed> placed = room.place(number);
            if (placed) orders_[number] = placed->id;
        }
        if (!cancelled_ && orders_.contains(2)) cancelled_ = room.cancel(orders_[2]).has_value();
        return orders_.size() == 3 && cancelled_;
    }

private:
    std::map<std::uint32_t, OrderId> orders_;
    bool cancelled_ = false;
};

void expect_all_in_place(RoomOnDisk& room, const std::string& when) {
    ASSERT_TRUE(room.persist_all()) << when;
    EXPECT_EQ(room.count(count_orders), 3) << when;
    EXPECT_EQ(room.count(count_confirmed), 2) << when;
    EXPECT_EQ(room.count(count_cancelled), 1) << when;
    EXPECT_EQ(room.gate_stock(), 3) << when;
    EXPECT_EQ(room.row_stock(), 3) << when;
}

class OrderSweep : public ::testing::TestWithParam<FaultDisk::Fault> {
protected:
    // Gives how many operations failed. With `crash_seed` the power fails before the clients have
    // tried again.
    int run(int n, std::optional<std::uint64_t> crash_seed) {
        FaultDisk disk;
        testing::FixedClock clock;
        testing::SeededRandom random;
        auto room = std::make_unique<RoomOnDisk>(disk, clock, random);
        EXPECT_TRUE(room->start_sale(5));
        Clients clients;
        disk.fail_nth(n, GetParam());
        clients.try_all(*room);
        const int failures = disk.failures();
        disk.heal();
        if (crash_seed) {
            disk.crash(*crash_seed);
            room.reset();
            room = std::make_unique<RoomOnDisk>(disk, clock, random);
        }
        const std::string when =
            "operation " + std::to_string(n) + " failed" + (crash_seed ? ", then the power" : "");
        for (int tries = 0; tries < 5 && !clients.try_all(*room); ++tries) continue;
        EXPECT_TRUE(clients.try_all(*room)) << when;
        expect_all_in_place(*room, when);
        return failures;
    }
};

TEST_P(OrderSweep, orders_and_cancels_survive_every_failing_operation) {
    int n = 0;
    while (n < 200 && run(n, std::nullopt) > 0 && !HasFailure()) ++n;
    EXPECT_GT(n, 5);
    EXPECT_LT(n, 200);
}

TEST_P(OrderSweep, and_a_power_cut_before_the_clients_have_tried_again) {
    int n = 0;
    while (n < 200 && run(n, static_cast<std::uint64_t>(n)) > 0 && !HasFailure()) ++n;
    EXPECT_GT(n, 5);
    EXPECT_LT(n, 200);
}

INSTANTIATE_TEST_SUITE_P(
    disk, OrderSweep,
    ::testing::Values(
        FaultDisk::Fault{.kind = FaultDisk::Kind::io_error, .lasts = false, .only = {}},
        FaultDisk::Fault{.kind = FaultDisk::Kind::io_error, .lasts = true, .only = {}},
        FaultDisk::Fault{.kind = FaultDisk::Kind::full, .lasts = false, .only = {}},
        FaultDisk::Fault{.kind = FaultDisk::Kind::full, .lasts = true, .only = {}}));

}  // namespace
}  // namespace souk::flash
