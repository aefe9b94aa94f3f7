// Two clients at once, statement by statement in every order there is: what one does must not be
// lost, doubled or half seen by the other. Named after what would go wrong.
#include "services/store/tests/stage.h"

#include <string>

namespace souk::store {
namespace {

const std::string order_body =
    R"({"name":"Bob","address":"Street 1","phone":"123","payment_method":"card"})";

const std::string product_body =
    R"({"name":"p","price":1,"description":"d","category":"c","stock":1,"image_url":"u"})";
const std::string review_body = R"({"product_id":1,"title":"t","rating":5,"content":"c"})";

// How many steps a checkout has, on every engine: the caller, the cart, the stock, the order, its
// items, the cart's entries, the commit. With a key there is one more.
constexpr std::size_t checkout_steps = 7;

constexpr db::Sql empty_cart = "DELETE FROM cart";
constexpr db::Sql count_entries = "SELECT count(*) FROM cart";
constexpr db::Sql latest_total = "SELECT total_amount FROM orders ORDER BY id DESC LIMIT 1";
constexpr db::Sql count_wrong_totals = R"(
    SELECT count(*) FROM orders WHERE total_amount <>
        (SELECT sum(price * quantity) FROM order_items WHERE order_id = orders.id))";
constexpr db::Sql count_reviews_of_owners =
    "SELECT count(*) FROM reviews JOIN products ON products.owner_id = reviews.user_id";
constexpr db::Sql count_reviews_with_carts =
    "SELECT count(*) FROM reviews JOIN cart ON cart.user_id = reviews.user_id";
constexpr db::Sql sum_of_cart = "SELECT coalesce(sum(quantity), 0) FROM cart";

TEST_P(StoreRoomTest, attack_two_adds_lose_nothing_and_double_nothing) {
    Stage stage(place());
    stage.room.product("a");
    int number = 0;
    for (const Stage::Order& order : Stage::orders(stage.batch(3), stage.batch(3))) {
        const std::string who = "new" + std::to_string(++number) + "@shop.example";
        const auto answers = stage.play({Stage::add(1, 2, who), Stage::add(1, 3, who)}, order);
        for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200) << stage.played();
        EXPECT_EQ(stage.room.count(count_entries), 1) << stage.played();
        EXPECT_EQ(stage.room.count(sum_of_cart), 5) << stage.played();
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
    EXPECT_EQ(stage.room.count("SELECT count(*) FROM users"), number + 1);
}

TEST_P(StoreRoomTest, attack_two_who_take_out_never_leave_less_than_nothing) {
    Stage stage(place());
    stage.room.product("a");
    for (const Stage::Order& order : Stage::orders(stage.batch(3), stage.batch(3))) {
        stage.room.add(1, 5);
        const auto answers = stage.play({Stage::add(1, -3), Stage::add(1, -3)}, order);
        for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200) << stage.played();
        EXPECT_EQ(stage.room.count(count_entries), 0) << stage.played();
    }
}

TEST_P(StoreRoomTest, attack_adding_while_the_entry_is_taken_out_ends_as_one_after_the_other) {
    Stage stage(place());
    stage.room.product("a");
    for (const Stage::Order& order : Stage::orders(stage.batch(3), stage.batch(3))) {
        stage.room.add(1, 2);
        const auto answers = stage.play({Stage::add(1, -2), Stage::add(1, 1)}, order);
        for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200) << stage.played();
        EXPECT_EQ(stage.room.count(count_entries), 1) << stage.played();
        EXPECT_EQ(stage.room.count(sum_of_cart), 1) << stage.played();
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
}

TEST_P(StoreRoomTest, attack_the_limit_of_an_entry_cannot_be_passed_by_two) {
    Stage stage(place());
    stage.room.product("a");
    for (const Stage::Order& order : Stage::orders(stage.batch(3), stage.batch(3))) {
        stage.room.add(1, 999'999);
        const auto answers = stage.play({Stage::add(1, 1), Stage::add(1, 1)}, order);
        EXPECT_EQ(answers[0].status + answers[1].status, 600) << stage.played();
        EXPECT_EQ(stage.room.count(sum_of_cart), 1'000'000) << stage.played();
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
}

TEST_P(StoreRoomTest, attack_the_last_unit_is_sold_once) {
    Stage stage(place());
    stage.room.product("a", 1);
    for (const Stage::Order& order : Stage::stops(checkout_steps, checkout_steps)) {
        stage.room.loop.wait(stage.room.database.write(empty_cart));
        stage.room.loop.wait(stage.room.database.write("UPDATE products SET stock = 1"));
        stage.room.add(1, 1, "bob@shop.example");
        stage.room.add(1, 1, "eve@shop.example");
        const auto answers =
            stage.play({Stage::post("/api/checkout", order_body, "bob@shop.example"),
                        Stage::post("/api/checkout", order_body, "eve@shop.example")},
                       order);
        EXPECT_EQ(answers[0].status + answers[1].status, 600)
            << stage.played() << answers[0].body << answers[1].body;
        EXPECT_EQ(stage.room.count("SELECT stock FROM products"), 0) << stage.played();
        EXPECT_EQ(stage.room.count(count_entries), 1) << stage.played();
    }
}

TEST_P(StoreRoomTest, attack_what_is_added_during_a_checkout_is_ordered_or_stays) {
    Stage stage(place());
    stage.room.product("a", 1'000);
    for (const Stage::Order& order : Stage::stops(checkout_steps, stage.batch(3))) {
        stage.room.add(1, 2);
        const std::int64_t before = stage.room.count("SELECT stock FROM products");
        const auto answers =
            stage.play({Stage::post("/api/checkout", order_body), Stage::add(1, 1)}, order);
        for (const Answer& answer : answers)
            EXPECT_EQ(answer.status, 200) << stage.played() << answer.body;
        const std::int64_t sold = before - stage.room.count("SELECT stock FROM products");
        EXPECT_EQ(sold + stage.room.count(sum_of_cart), 3) << stage.played();
        stage.room.loop.wait(stage.room.database.write(empty_cart));
    }
}

TEST_P(StoreRoomTest, attack_one_checkout_sent_twice_is_one_order) {
    Stage stage(place());
    stage.room.product("a", 1'000);
    int number = 0;
    for (const Stage::Order& order : Stage::stops(checkout_steps + 1, checkout_steps + 1)) {
        stage.room.add(1, 2);
        TestClient::Call call = Stage::post("/api/checkout", order_body);
        call.headers.emplace_back("idempotency-key", "key-" + std::to_string(++number));
        const auto answers = stage.play({call, call}, order);
        EXPECT_EQ(answers[0].body, answers[1].body) << stage.played();
        EXPECT_EQ(answers[0].status, 200) << stage.played() << answers[0].body;
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM orders"), number) << stage.played();
    }
}

TEST_P(StoreRoomTest, attack_prices_that_change_during_a_checkout_are_all_old_or_all_new) {
    Stage stage(place());
    stage.room.product("a", 1'000);
    stage.room.product("b", 1'000);
    int number = 0;
    for (const Stage::Order& order : Stage::stops(checkout_steps, stage.batch(1))) {
        stage.room.loop.wait(stage.room.database.write("UPDATE products SET price = 100"));
        stage.room.add(1, 2);
        stage.room.add(2, 3);
        const auto answers =
            stage.play({stage.caller(0, Stage::post("/api/checkout", order_body)),
                        stage.outsider("UPDATE products SET price = price + 1000")},
                       order);
        EXPECT_EQ(answers[0].status, 200) << stage.played() << answers[0].body;
        const std::int64_t total = stage.room.count(latest_total);
        EXPECT_TRUE(total == 5 * 100 || total == 5 * 1'100) << stage.played() << ": " << total;
        EXPECT_NE(answers[0].body.find(R"("total_amount":)" + std::to_string(total) + ","),
                  std::string::npos)
            << stage.played() << answers[0].body;
        EXPECT_EQ(stage.room.count(count_wrong_totals), 0) << stage.played();
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM orders"), ++number) << stage.played();
        EXPECT_EQ(stage.room.count("SELECT min(price) FROM products"), 1'100) << stage.played();
    }
}

// Both want more than half of what there is, of both products.
TEST_P(StoreRoomTest, attack_stock_that_is_taken_elsewhere_is_not_sold_as_well) {
    Stage stage(place());
    stage.room.product("a");
    stage.room.product("b");
    int sold = 0;
    for (const Stage::Order& order : Stage::stops(checkout_steps, stage.batch(1))) {
        stage.room.loop.wait(stage.room.database.write(empty_cart));
        stage.room.loop.wait(stage.room.database.write("UPDATE products SET stock = 5"));
        stage.room.add(1, 3);
        stage.room.add(2, 3);
        const auto answers =
            stage.play({stage.caller(0, Stage::post("/api/checkout", order_body)),
                        stage.outsider("UPDATE products SET stock = stock - 4, price = price + 1 "
                                       "WHERE stock >= 4")},
                       order);
        const bool was_sold = answers[0].status == 200;
        sold += was_sold ? 1 : 0;
        EXPECT_EQ(answers[0].status, was_sold ? 200 : 400) << stage.played() << answers[0].body;
        EXPECT_EQ(stage.room.count("SELECT min(stock) FROM products"), was_sold ? 2 : 1)
            << stage.played();
        EXPECT_EQ(stage.room.count("SELECT max(stock) FROM products"), was_sold ? 2 : 1)
            << stage.played();
        EXPECT_EQ(stage.room.count(count_entries), was_sold ? 0 : 2) << stage.played();
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM orders"), sold) << stage.played();
        EXPECT_EQ(stage.room.count(count_wrong_totals), 0) << stage.played();
    }
}

TEST_P(StoreRoomTest, attack_a_cart_seen_during_a_checkout_is_whole_or_empty) {
    Stage stage(place());
    stage.room.product("a", 1'000);
    stage.room.product("b", 1'000);
    const Stage::Call look{.verb = http::Verb::get,
                           .target = "/api/cart",
                           .body = {},
                           .headers = Room::as("bob@shop.example")};
    for (const Stage::Order& order : Stage::stops(checkout_steps, 1)) {
        stage.room.add(1, 2);
        stage.room.add(2, 3);
        const std::string whole = stage.room.api.send(look).body;
        const auto answers = stage.play({Stage::post("/api/checkout", order_body), look}, order);
        const std::string empty = stage.room.api.send(look).body;
        EXPECT_EQ(answers[0].status, 200) << stage.played() << answers[0].body;
        EXPECT_NE(whole, empty);
        const bool is_after = order.back() == 1;  // a commit lies before it
        EXPECT_EQ(answers[1].body, is_after ? empty : whole) << stage.played();
    }
}

TEST_P(StoreRoomTest, attack_a_product_and_a_review_of_somebody_new_make_one_user) {
    Stage stage(place());
    stage.room.product("a");
    int number = 0;
    for (const Stage::Order& order : Stage::orders(stage.batch(2), stage.batch(2))) {
        const std::string who = "new" + std::to_string(++number) + "@shop.example";
        const auto answers = stage.play({Stage::post("/api/product", product_body, who),
                                         Stage::post("/api/review", review_body, who)},
                                        order);
        EXPECT_EQ(answers[0].status, 201) << stage.played() << answers[0].body;
        EXPECT_EQ(answers[1].status, 200) << stage.played() << answers[1].body;
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM users"), number + 1) << stage.played();
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM products"), number + 1) << stage.played();
        EXPECT_EQ(stage.room.count(count_reviews_of_owners), number) << stage.played();
    }
}

TEST_P(StoreRoomTest, attack_a_cart_and_a_review_of_somebody_new_make_one_user) {
    Stage stage(place());
    stage.room.product("a");
    int number = 0;
    for (const Stage::Order& order : Stage::orders(stage.batch(3), stage.batch(2))) {
        const std::string who = "new" + std::to_string(++number) + "@shop.example";
        const auto answers = stage.play(
            {Stage::add(1, 2, who), Stage::post("/api/review", review_body, who)}, order);
        for (const Answer& answer : answers)
            EXPECT_EQ(answer.status, 200) << stage.played() << answer.body;
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM users"), number + 1) << stage.played();
        EXPECT_EQ(stage.room.count(count_reviews_with_carts), number) << stage.played();
    }
}

Stage::Call contact_of(const std::string& guest) {
    return {
        .verb = http::Verb::post,
        .target = "/api/contact",
        .body = R"({"name":"Ann","email":"ann)" + guest + R"(@mail.example","message":"Hello"})",
        .headers = {},
        .client_address = "10.0.0." + guest};
}

// The same message twice at once, and what both were told.
void play_contact_twice(Stage& stage, int guest, const Stage::Order& order) {
    const Stage::Call call = contact_of(std::to_string(guest));  // for none has come too often
    const auto answers = stage.play({call, call}, order);
    EXPECT_EQ(answers[0].status, 201) << stage.played() << answers[0].body;
    EXPECT_EQ(answers[1].status, 201) << stage.played() << answers[1].body;
    EXPECT_EQ(answers[0].body, answers[1].body) << stage.played();
}

TEST_P(StoreRoomTest, attack_one_message_sent_twice_is_one_row) {
    Stage stage(place());
    int number = 0;
    for (const Stage::Order& order : Stage::orders(stage.batch(4), stage.batch(4))) {
        play_contact_twice(stage, ++number, order);
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM contact_messages"), number)
            << stage.played();
    }
}

TEST_P(StoreRoomTest, attack_a_message_that_was_deleted_sent_twice_is_one_row) {
    Stage stage(place());
    int number = 0;
    for (const Stage::Order& order : Stage::stops(stage.batch(4), stage.batch(4))) {
        const Stage::Call before = contact_of(std::to_string(++number));
        EXPECT_EQ(stage.room.api.send(before).status, 201);
        stage.room.loop.wait(stage.room.database.write("DELETE FROM contact_messages"));
        play_contact_twice(stage, number, order);
        EXPECT_EQ(stage.room.count("SELECT count(*) FROM contact_messages"), 1) << stage.played();
    }
}

}  // namespace
}  // namespace souk::store
