// What a listener of /events is told, and in which order: the board, and one client on it.
#include "services/flash/tests/events_room.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::flash {
namespace {

using Kind = Events::Happening::Kind;

TEST(Events, a_listener_is_greeted_and_told_every_product_once) {
    EventsRoom room;
    room.start_sale("a", 1, 3);
    room.start_sale("b", 1, 0);
    room.update();

    const auto peer = room.visit();
    Heard told = peer->heard();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(told.front(), "hello 100");
    told.erase(told.begin());
    EXPECT_TRUE((told == Heard{"inventory a 3", "inventory b 0"}) ||
                (told == Heard{"inventory b 0", "inventory a 3"}));
    room.update();
    EXPECT_EQ(peer->frames.size(), 3U) << "nothing has changed";
}

TEST(Events, a_sale_is_told_from_its_beginning_to_its_end) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit();
    room.start_sale("phone", 1, 2);
    room.update();
    room.shop.place(1);
    room.update();
    room.shop.place(2);
    room.update();

    EXPECT_EQ(peer->heard(), (Heard{"hello 100", "init phone 2", "inventory phone 2",
                                    "inventory phone 1", "inventory phone 0", "sold_out phone"}));
}

TEST(Events, values_between_two_updates_are_skipped_and_the_last_is_told) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit();
    room.start_sale("phone", 1, 100);
    for (std::uint32_t i = 1; i <= 90; ++i) room.shop.place(i);
    room.update();
    EXPECT_EQ(peer->heard(), (Heard{"hello 100", "init phone 100", "inventory phone 10"}));
}

TEST(Events, a_product_is_sold_out_once_for_every_time_its_count_reaches_zero) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit({"phone"});
    room.start_sale("phone", 1, 1);
    room.update();
    room.shop.place(1);
    room.update();
    room.shop.place(2);  // refused, which changes nothing
    room.update();
    room.shop.gate.return_unit({"phone", 1});
    room.update();
    room.shop.place(3);
    room.update();

    EXPECT_EQ(peer->heard(), (Heard{"hello 100", "init phone 1", "inventory phone 1",
                                    "inventory phone 0", "sold_out phone", "inventory phone 1",
                                    "inventory phone 0", "sold_out phone"}));
}

TEST(Events, a_sale_that_begins_and_sells_out_between_two_updates_is_told_as_such) {
    EventsRoom room;
    room.start_sale("phone", 1, 1);
    room.shop.place(1);
    room.update();
    const auto peer = room.visit();
    room.start_sale("phone", 2, 1);
    room.shop.place(2);
    room.update();
    EXPECT_EQ(peer->heard(), (Heard{"hello 100", "inventory phone 0", "init phone 1",
                                    "inventory phone 0", "sold_out phone"}));
}

TEST(Events, a_sale_of_nothing_is_sold_out_at_once) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit();
    room.start_sale("phone", 1, 0);
    room.update();
    EXPECT_EQ(peer->heard(),
              (Heard{"hello 100", "init phone 0", "inventory phone 0", "sold_out phone"}));
}

TEST(Events, what_was_sold_out_before_the_start_is_no_news) {
    EventsRoom room;
    room.shop.gate.open_sale({"phone", 7, 0});  // as recovery does
    const auto early = room.visit();            // before the first update
    room.update();
    EXPECT_EQ(early->heard(), (Heard{"hello 100", "inventory phone 0"}));
}

TEST(Events, what_happened_before_a_listener_came_is_no_news_to_it) {
    EventsRoom room;
    room.update();
    room.start_sale("phone", 1, 1);
    room.shop.place(1);
    const auto between = room.visit();  // the note of the sale is not on the board yet
    room.update();
    const auto after = room.visit();
    EXPECT_EQ(between->heard(), (Heard{"hello 100", "inventory phone 0", "sold_out phone"}));
    EXPECT_EQ(after->heard(), (Heard{"hello 100", "inventory phone 0"}));
}

TEST(Events, only_the_named_products_are_told) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit({"b", "c"});
    for (const char* const product : {"a", "b", "c"}) room.start_sale(product, 1, 1);
    room.update();
    EXPECT_EQ(peer->heard(),
              (Heard{"hello 100", "init b 1", "init c 1", "inventory b 1", "inventory c 1"}));
}

// A listener that keeps nothing: the board is bounded whatever it misses.
TEST(Events, the_board_keeps_the_last_65536_happenings) {
    EventsRoom room;
    room.update();
    for (int i = 0; i < 65'536; ++i) room.events.sale_started("phone", i);
    room.events.update();
    EXPECT_EQ(room.events.happening(1).happening->quantity, 0);
    EXPECT_FALSE(room.events.happening(65'537).happening);
    EXPECT_FALSE(room.events.happening(65'537).missed);

    room.events.sale_started("phone", 65'536);
    room.events.update();
    EXPECT_TRUE(room.events.happening(1).missed);
    EXPECT_EQ(room.events.happening(2).happening->quantity, 1);
    EXPECT_EQ(room.events.happening(65'537).happening->quantity, 65'536);
}

TEST(SlowListener, is_given_so_much_at_a_time_and_newer_values_replace_what_waits) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit();
    peer->stalls = true;
    for (int i = 0; i < 1'000; ++i)
        room.shop.gate.open_sale({"product-" + std::to_string(i), 1, 5});
    room.update();
    const std::size_t given = peer->frames.size();
    EXPECT_LE(peer->queued_bytes(), 16'384U + 200U);
    EXPECT_LT(given, 400U);

    for (Epoch epoch = 2; epoch < 10; ++epoch) {
        for (int i = 0; i < 1'000; ++i)
            room.shop.gate.open_sale({"product-" + std::to_string(i), epoch, epoch * 10});
        room.update();
    }
    EXPECT_EQ(peer->frames.size(), given) << "it has not taken anything meanwhile";
    peer->catch_up();
    room.turn();

    EXPECT_EQ(peer->frames.size(), given + 1'000) << "each product once more";
    const Heard heard = peer->heard();
    for (std::size_t i = given; i < heard.size(); ++i) EXPECT_TRUE(heard[i].ends_with(" 90"));
    EXPECT_FALSE(peer->is_closed);
}

TEST(SlowListener, is_sent_away_with_1013_when_what_cannot_be_skipped_passes_its_queue) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit();
    peer->stalls = true;
    for (int i = 0; i < 5'000 && !peer->is_closed; ++i) {
        room.events.sale_started("phone", i);
        room.update();
    }
    EXPECT_EQ(peer->close_code, 1'013);
    EXPECT_LE(peer->queued_bytes(), peer->queue_bytes_max);
}

TEST(SlowListener, that_missed_a_happening_is_sent_away_with_1013) {
    EventsRoom room;
    room.update();
    const auto peer = room.visit();
    for (int i = 0; i <= 65'536; ++i) room.events.sale_started("phone", i);
    room.update();
    EXPECT_EQ(peer->close_code, 1'013);
}

TEST(WatchedOrders, are_told_to_who_watches_them_and_forgotten_with_the_last) {
    EventsRoom room;
    const OrderId id = order_id(1);
    room.events.order_changed(id, OrderState::confirmed);
    room.events.watch(id);
    room.events.watch(id);
    room.events.unwatch(id);
    room.events.unwatch(order_id(2));  // nobody watches it

    struct Listener final : EventsListener {
        void updated(const OrderNotes& orders) override { notes = *orders; }
        std::vector<OrderNote> notes;
    };
    const auto listener = std::make_shared<Listener>();
    room.events.join(listener);
    room.events.order_changed(id, OrderState::cancelled);
    room.events.order_changed(order_id(2), OrderState::cancelled);
    room.events.update();
    ASSERT_EQ(listener->notes.size(), 1U);
    EXPECT_EQ(listener->notes[0].state, OrderState::cancelled);

    room.events.unwatch(id);
    listener->notes.clear();
    room.events.order_changed(id, OrderState::confirmed);
    room.events.update();
    EXPECT_TRUE(listener->notes.empty());
}

}  // namespace
}  // namespace souk::flash
