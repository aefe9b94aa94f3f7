// Checkout, on every engine: the order is placed wholly or not at all, and never oversells.
#include "services/store/tests/room.h"

#include <vector>

namespace souk::store {
namespace {

const std::string order_body =
    R"({"name":"Bob","address":"Street 1","phone":"123","payment_method":"card"})";
const std::string bob = "bob@shop.example";

Answer check_out(Room& room, const std::string& token = bob, const std::string& key = "",
                 const std::string& body = order_body) {
    TestClient::Headers headers = Room::as(token);
    if (!key.empty()) headers.emplace_back("idempotency-key", key);
    return room.api.post("/api/checkout", body, headers);
}

std::string placed(int id, std::int64_t total, std::int64_t items) {
    return R"({"success":true,"message":"Order placed successfully.","data":{"order_id":)" +
           std::to_string(id) + R"(,"total_amount":)" + std::to_string(total) +
           R"(,"item_count":)" + std::to_string(items) +
           R"(,"created_at":"2023-11-14T22:13:20Z"}})";
}

TEST_P(StoreRoomTest, a_cart_becomes_an_order) {
    Room::Options options;
    options.has_mail = true;
    Room room(place(), options);
    room.product("Phone", 5, 300);
    room.product("Case", 5, 20);
    room.add(2, 3);
    room.add(1, 2);
    EXPECT_NE(room.get("/api/product").body.find(R"("stock":5)"), std::string::npos);

    expect(check_out(room), 200, placed(1, 660, 5));

    EXPECT_EQ(room.count("SELECT stock FROM products WHERE id = 1"), 3);
    EXPECT_EQ(room.count("SELECT stock FROM products WHERE id = 2"), 2);
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 0);
    EXPECT_EQ(room.count("SELECT count(*) FROM order_items WHERE order_id = 1"), 2);
    EXPECT_EQ(room.get("/api/product").body.find(R"("stock":5)"), std::string::npos);
    ASSERT_TRUE(comes_true([&] { return room.mail.sent().size() == 1; }));
    EXPECT_EQ(room.mail.sent()[0].to, bob);
    EXPECT_NE(room.mail.sent()[0].text.find("2 x Phone at 300"), std::string::npos);
}

TEST_P(StoreRoomTest, what_cannot_be_ordered_is_refused_and_changes_nothing) {
    Room room(place());
    expect(check_out(room), 404,
           refused("USER_NOT_FOUND", "There is no user with this email address."));
    room.product("Phone", 5);
    room.product("Case", 1);
    room.add(1, 2);
    room.add(1, -2);
    expect(check_out(room), 400, refused("EMPTY_CART", "The cart is empty."));
    room.add(1, 2);
    room.add(2, 2);
    expect(check_out(room), 400, refused("INSUFFICIENT_STOCK", "Not enough of Case is left."));
    EXPECT_EQ(room.count("SELECT stock FROM products WHERE id = 1"), 5);
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 2);
    EXPECT_EQ(room.count("SELECT count(*) FROM orders"), 0);
    room.loop.wait(room.database.write("UPDATE cart SET quantity = 0 WHERE product_id = 2"));
    EXPECT_EQ(check_out(room).body,
              refused("INVALID_QUANTITY", "An entry of the cart has no valid quantity."));
}

// Prices and quantities have 32 bits, so three of the largest are the first that are too many.
TEST_P(StoreRoomTest, an_order_whose_sum_cannot_be_counted_is_refused_and_changes_nothing) {
    constexpr int most = 2'147'483'647;
    Room room(place());
    for (const int product : {1, 2, 3}) {
        room.product("p" + std::to_string(product), 5, most);
        room.add(product, 1);
    }
    room.loop.wait(room.database.write("UPDATE products SET stock = 2147483647"));
    room.loop.wait(room.database.write("UPDATE cart SET quantity = 2147483647"));

    expect(check_out(room, bob, "key-1"), 400,
           refused("INVALID_QUANTITY", "An entry of the cart has no valid quantity."));

    EXPECT_EQ(room.count("SELECT count(*) FROM products WHERE stock = 2147483647"), 3);
    EXPECT_EQ(room.count("SELECT count(*) FROM cart WHERE quantity = 2147483647"), 3);
    EXPECT_EQ(room.count("SELECT count(*) FROM orders"), 0);
    EXPECT_EQ(room.count("SELECT count(*) FROM order_items"), 0);

    room.loop.wait(room.database.write("DELETE FROM cart WHERE product_id = 3"));
    expect(check_out(room, bob, "key-1"), 200,
           placed(1, std::int64_t{2} * most * most, std::int64_t{2} * most));
    EXPECT_EQ(room.count("SELECT sum(stock) FROM products"), most);
}

TEST_P(StoreRoomTest, the_same_key_places_one_order) {
    Room room(place());
    room.product("Phone", 5);
    room.add(1, 1);
    expect(check_out(room, bob, "key-1"), 200, placed(1, 100, 1));
    room.add(1, 1);
    room.clock.advance(std::chrono::hours(1));
    expect(check_out(room, bob, "key-1"), 200, placed(1, 100, 1));
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 1);
    expect(
        check_out(room, bob, "key-1",
                  R"({"name":"Eve","address":"Street 1","phone":"123","payment_method":"card"})"),
        409,
        refused("IDEMPOTENCY_KEY_REUSED",
                "Idempotency-Key: was used for an order with another body"));
    EXPECT_EQ(check_out(room, bob, "key-2").status, 200);
    EXPECT_EQ(check_out(room, bob, "a b").status, 422);
    EXPECT_EQ(room.count("SELECT stock FROM products"), 3);
}

TEST_P(StoreRoomTest, parallel_checkouts_never_sell_what_is_not_there) {
    Room room(place());
    room.product("a", 10);
    room.product("b", 10);
    std::vector<TestClient::Call> calls;
    for (int i = 0; i < 32; ++i) {
        const std::string who = "user" + std::to_string(i) + "@shop.example";
        room.add(1 + i % 2, 1, who);  // in different orders, so that locks could cross
        room.add(2 - i % 2, 1, who);
        calls.push_back({.verb = http::Verb::post,
                         .target = "/api/checkout",
                         .body = order_body,
                         .headers = Room::as(who)});
    }
    int sold = 0;
    for (const Answer& answer : room.api.send_together(std::move(calls))) {
        EXPECT_TRUE(answer.status == 200 || answer.status == 400) << answer.body;
        sold += answer.status == 200 ? 1 : 0;
    }
    EXPECT_EQ(sold, 10);
    EXPECT_EQ(room.count("SELECT sum(stock) FROM products"), 0);
    EXPECT_EQ(room.count("SELECT sum(quantity) FROM order_items"), 20);
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 44);
}

TEST_P(StoreRoomTest, one_key_many_times_at_once_places_one_order) {
    Room room(place());
    room.product("a", 10);
    room.add(1, 2);
    std::vector<TestClient::Call> calls;
    for (int i = 0; i < 16; ++i) {
        TestClient::Headers headers = Room::as(bob);
        headers.emplace_back("idempotency-key", "once");
        calls.push_back({.verb = http::Verb::post,
                         .target = "/api/checkout",
                         .body = order_body,
                         .headers = headers});
    }
    for (const Answer& answer : room.api.send_together(std::move(calls)))
        expect(answer, 200, placed(1, 200, 2));
    EXPECT_EQ(room.count("SELECT stock FROM products"), 8);
}

TEST_P(StoreRoomTest, checkout_is_there_only_when_it_is_switched_on) {
    Room::Options options;
    options.has_checkout = false;
    Room room(place(), options);
    expect(check_out(room), 404, refused("NOT_FOUND", "Not Found"));
}

}  // namespace
}  // namespace souk::store
