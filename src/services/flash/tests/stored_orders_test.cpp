// /status and /cancel of an order that has left the backlog, by a key that two orders had: the
// newer one, a dead letter, is meant.
#include "services/flash/tests/room.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr db::Sql refuse_bert =
    "CREATE TRIGGER refuse BEFORE INSERT ON orders WHEN NEW.user_id = 'bert' "
    "BEGIN SELECT RAISE(ABORT, 'refused'); END";
constexpr db::Sql count_confirmed = "SELECT count(*) FROM orders WHERE state = 'confirmed'";
constexpr db::Sql count_dead_letters = "SELECT count(*) FROM dead_letters";

class StoredOrders : public ::testing::Test {
protected:
    StoredOrders() {
        room_.start_sale(10);
        room_.loop.wait(room_.database.write(refuse_bert));
    }

    OrderId place(const std::string& user) {
        const core::Result<Placed> placed = room_.loop.wait(room_.operations.place_order(
            {.product_id = "phone", .user_id = user, .key = "shared"}));
        return placed ? placed->id : OrderId{};
    }
    void expect_bert_is_meant(const OrderId& id, const std::string& when) {
        const core::Result<OrderStatus> found = room_.loop.wait(room_.operations.status("shared"));
        ASSERT_TRUE(found) << when;
        EXPECT_EQ(found->id, id) << when;
        EXPECT_EQ(found->state, OrderState::failed) << when;
        EXPECT_FALSE(room_.loop.wait(room_.operations.cancel("shared", std::nullopt))) << when;
        EXPECT_EQ(room_.count(count_confirmed), 1) << when << ": another order was cancelled";
    }

    Room room_{Room::Options{.cancel_window = 3600s}};
};

TEST_F(StoredOrders, a_key_stands_for_its_newer_order_also_when_that_is_a_dead_letter) {
    place("anna");
    room_.clock.advance(61s);
    const OrderId newer = place("bert");
    ASSERT_TRUE(room_.persist_all());
    ASSERT_EQ(room_.count(count_dead_letters), 1);
    expect_bert_is_meant(newer, "while the key lives");
    room_.clock.advance(61s);
    expect_bert_is_meant(newer, "after its life");
}

TEST_F(StoredOrders, a_key_stands_for_its_newer_order_also_when_the_older_is_a_dead_letter) {
    place("bert");
    room_.clock.advance(61s);
    const OrderId newer = place("anna");
    ASSERT_TRUE(room_.persist_all());
    ASSERT_EQ(room_.count(count_dead_letters), 1);
    room_.clock.advance(61s);
    const core::Result<OrderStatus> found = room_.loop.wait(room_.operations.status("shared"));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, newer);
    EXPECT_EQ(found->state, OrderState::confirmed);
}

}  // namespace
}  // namespace souk::flash
