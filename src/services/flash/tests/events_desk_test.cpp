// What clients of /events may say, how orders are watched, and many listeners at one desk.
#include "services/flash/tests/events_room.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::flash {
namespace {

std::string names(std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
        list += (i == 0 ? "\"n" : ",\"n") + std::to_string(i) + '"';
    return list;
}

std::string subscribe_products(const std::string& list) {
    return R"({"type":"subscribe","productIds":[)" + list + "]}";
}
std::string subscribe_orders(const std::string& list) {
    return R"({"type":"subscribe","orderIds":[)" + list + "]}";
}

TEST(Subscriptions, what_is_not_understood_closes_with_1008) {
    for (const std::string& message :
         {std::string("hello"), std::string("[]"), std::string("{}"), std::string(),
          std::string(R"({"type":"order"})"), std::string(R"({"type":"subscribe","more":1})"),
          std::string(R"({"type":"subscribe","productIds":"a"})"),
          std::string(R"({"type":"subscribe","orderIds":[1]})"), subscribe_orders("\"\""),
          subscribe_orders("\"a\\u0001b\""), subscribe_orders('"' + std::string(256, 'x') + '"'),
          subscribe_orders(names(65)), subscribe_products(names(65))}) {
        EventsRoom room;
        const auto peer = room.visit();
        peer->say(message);
        room.turn_until([&] { return room.open == 0; });
        EXPECT_EQ(peer->close_code, 1'008) << message;
    }
}

TEST(Subscriptions, sixty_four_products_and_as_many_orders_are_the_most) {
    EventsRoom room;
    const auto peer = room.visit();
    peer->say(subscribe_products(names(64)));
    peer->say(subscribe_products(names(64)));  // the same ones again
    peer->say(subscribe_orders(names(64)));
    peer->say(subscribe_orders(names(64)));
    peer->say(R"({"type":"unsubscribe","orderIds":["n0"],"productIds":["n0"]})");
    peer->say(subscribe_orders("\"in its place\""));
    peer->say(subscribe_products("\"in-its-place\""));
    room.turn_until([&] { return peer->is_idle(); });
    EXPECT_FALSE(peer->is_closed);

    peer->say(subscribe_products("\"one-more\""));
    room.turn_until([&] { return room.open == 0; });
    EXPECT_EQ(peer->close_code, 1'008);
}

TEST(Subscriptions, one_order_too_many_closes_as_well) {
    EventsRoom room;
    const auto peer = room.visit();
    peer->say(subscribe_orders(names(64)));
    peer->say(subscribe_orders("\"one more\""));
    room.turn_until([&] { return room.open == 0; });
    EXPECT_EQ(peer->close_code, 1'008);
}

TEST(Subscriptions, more_products_than_that_in_the_address_close_at_once) {
    EventsRoom room;
    const auto peer = room.visit(std::vector<std::string>(65, "a"));
    EXPECT_EQ(room.open, 0U);
    EXPECT_EQ(peer->close_code, 1'008);
    EXPECT_TRUE(peer->frames.empty());
}

TEST(Subscriptions, the_first_product_named_leaves_only_those_and_known_values_are_not_repeated) {
    EventsRoom room;
    room.start_sale("a", 1, 1);
    room.start_sale("b", 1, 1);
    room.update();
    const auto peer = room.visit();
    EXPECT_EQ(peer->frames.size(), 3U);
    peer->say(subscribe_products("\"a\""));
    room.turn();
    EXPECT_EQ(peer->frames.size(), 3U);

    room.start_sale("a", 2, 5);
    room.start_sale("b", 2, 5);
    room.update();
    const Heard heard = peer->heard();
    EXPECT_EQ((Heard{heard.begin() + 3, heard.end()}), (Heard{"init a 5", "inventory a 5"}));
    peer->say(subscribe_products("\"b\""));
    room.turn();
    EXPECT_EQ(peer->heard().back(), "inventory b 5") << "what it has not heard since";
}

TEST(Subscriptions, a_product_taken_away_is_told_no_more_even_when_it_was_the_last) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit({"a"});
    peer->say(R"({"type":"unsubscribe","productIds":["a"]})");
    room.turn();
    room.start_sale("a", 1, 5);
    room.start_sale("b", 1, 5);
    room.update();
    EXPECT_EQ(peer->heard(), Heard{"hello 100"});
}

TEST(WatchedOrders, are_found_by_id_and_by_key_and_their_states_only_rise) {
    EventsRoom room;
    room.shop.start_sale(3);
    const OrderId id = room.shop.place(1)->id;
    const std::string name = core::to_string(id);
    const auto by_id = room.visit({"nothing"});
    const auto by_key = room.visit({"nothing"});
    const auto by_both = room.visit({"nothing"});
    by_id->say(subscribe_orders('"' + name + '"'));
    by_key->say(subscribe_orders('"' + key_of(1) + '"'));
    by_both->say(subscribe_orders('"' + name + "\",\"" + key_of(1) + '"'));
    room.turn_until([&] { return by_both->is_idle() && by_both->frames.size() == 3; });

    for (const OrderState state :
         {OrderState::confirmed, OrderState::pending, OrderState::confirmed, OrderState::cancelled,
          OrderState::confirmed}) {
        room.events.order_changed(id, state);
        room.update();
    }
    const Heard rising = {"hello 100", "order " + name + " pending", "order " + name + " confirmed",
                          "order " + name + " cancelled"};
    EXPECT_EQ(by_id->heard(), rising);
    EXPECT_EQ(by_key->heard(), rising);
    EXPECT_EQ(by_both->heard().back(), rising.back());
}

TEST(WatchedOrders, that_are_unsubscribed_are_told_no_more) {
    EventsRoom room;
    room.shop.start_sale(3);
    const OrderId id = room.shop.place(1)->id;
    const auto peer = room.visit({"nothing"});
    peer->say(subscribe_orders('"' + key_of(1) + '"'));
    room.turn_until([&] { return peer->frames.size() == 2; });
    peer->say(R"({"type":"unsubscribe","orderIds":[")" + key_of(1) + "\"]}");
    room.turn_until([&] { return peer->is_idle(); });
    room.events.order_changed(id, OrderState::confirmed);
    room.update();
    EXPECT_EQ(peer->frames.size(), 2U);
}

TEST(WatchedOrders, are_told_later_when_the_database_is_down_now) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit({"nothing"});
    room.shop.database.fail_from(0, testing::Failing::unavailable);
    peer->say(subscribe_orders('"' + core::to_string(order_id(5)) + '"'));
    room.turn_until([&] { return peer->is_idle(); });
    room.shop.database.heal();
    EXPECT_FALSE(peer->is_closed);

    room.events.order_changed(order_id(5), OrderState::confirmed);
    room.update();
    EXPECT_EQ(peer->heard().back(), "order " + core::to_string(order_id(5)) + " confirmed");
}

TEST(Desk, listeners_over_the_limit_are_sent_away_with_1013_until_one_has_left) {
    EventsRoom room(2);
    const auto first = room.visit();
    const auto second = room.visit();
    const auto third = room.visit();
    EXPECT_EQ(third->close_code, 1'013);
    EXPECT_TRUE(third->frames.empty());
    EXPECT_EQ(room.desks.peers(), 2U);

    first->leave();
    room.turn_until([&] { return room.desks.peers() == 1; });
    const auto fourth = room.visit();
    EXPECT_FALSE(fourth->is_closed);
    EXPECT_FALSE(second->is_closed);
}

TEST(Desk, ten_thousand_listeners_are_told_and_other_work_of_the_loop_goes_between) {
    EventsRoom room;
    room.update();
    for (int i = 0; i < 10'000; ++i) room.visit();
    room.start_sale("phone", 1, 0);
    room.events.update();
    std::size_t told_before_other_work = 0;
    boost::asio::post(room.context, [&] {
        boost::asio::post(room.context, [&] {
            for (const auto& peer : room.peers) told_before_other_work += peer->frames.size() > 1;
        });
    });
    room.turn();

    EXPECT_LE(told_before_other_work, 128U);
    for (const auto& peer : room.peers) {
        ASSERT_EQ(peer->heard(),
                  (Heard{"hello 100", "init phone 0", "inventory phone 0", "sold_out phone"}));
    }
}

TEST(Desk, who_leaves_while_the_others_are_being_told_takes_nobodys_news_along) {
    EventsRoom room;
    room.update();
    for (int i = 0; i < 300; ++i) room.visit();
    room.start_sale("phone", 1, 0);
    room.events.update();
    room.context.run_one();  // the first slice
    for (std::size_t i = 0; i < 300; i += 2) room.peers[i]->leave();
    room.turn();
    EXPECT_EQ(room.desks.peers(), 150U);
    for (std::size_t i = 1; i < 300; i += 2) EXPECT_EQ(room.peers[i]->frames.size(), 4U) << i;
}

}  // namespace
}  // namespace souk::flash
