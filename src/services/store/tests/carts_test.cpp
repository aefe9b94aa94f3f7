// The contract of the cart, byte for byte, on every engine; and what parallel requests must not do
// to it.
#include "services/store/tests/room.h"

#include <vector>

namespace souk::store {
namespace {

std::string entry(const std::string& cart_id, int quantity, int product = 1) {
    return R"({"success":true,"message":"Item added to cart successfully.","data":{"cart_id":)" +
           cart_id + R"(,"product_id":)" + std::to_string(product) + R"(,"quantity":)" +
           std::to_string(quantity) + "}}";
}

TEST_P(StoreRoomTest, a_cart_is_filled_changed_and_emptied) {
    Room room(place());
    room.product("Phone");
    expect(room.get("/api/cart", "bob@shop.example"), 200,
           R"({"success":true,"message":"Cart is empty.","data":[]})");

    expect(room.add(1, 2), 200, entry("1", 2));
    expect(room.add(1, 3), 200, entry("1", 5));
    expect(room.add(1, -1), 200, entry("1", 4));
    expect(room.get("/api/cart", "BOB@shop.example"), 200,
           R"({"success":true,"message":"Cart retrieved successfully.","data":[{"cart_id":1,)"
           R"("product_id":1,"name":"Phone","price":100,"image_url":"u","category":"c",)"
           R"("quantity":4}]})");
    expect(room.add(1, -4), 200, entry("null", 0));
    expect(room.get("/api/cart", "bob@shop.example"), 200,
           R"({"success":true,"message":"Cart retrieved successfully.","data":[]})");
}

TEST_P(StoreRoomTest, taking_out_of_nothing_changes_nothing) {
    Room room(place());
    room.product("a");
    expect(room.add(1, -1), 200, entry("null", 0));
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 1) << "the owner alone";
    room.add(1, 2);
    expect(room.add(1, -1'000'000), 200, entry("null", 0));
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 0);
}

TEST_P(StoreRoomTest, a_cart_id_of_somebody_else_or_of_another_product_is_as_good_as_none) {
    Room room(place());
    room.product("a");
    room.product("b");
    room.add(1, 1, "eve@shop.example");  // entry 1
    room.add(2, 1);                      // entry 2

    for (const std::string cart_id : {"1", "2", "99", "0", "-5", "null", "99999999999999999999"}) {
        const Answer added =
            room.post("/api/cart", R"({"cart_id":)" + cart_id + R"(,"product_id":1,"quantity":1})",
                      "bob@shop.example");
        EXPECT_EQ(added.status, 200) << cart_id << added.body;
    }
    EXPECT_EQ(room.count("SELECT quantity FROM cart WHERE id = 1"), 1);
    EXPECT_EQ(room.count("SELECT quantity FROM cart WHERE id = 2"), 1);
    EXPECT_EQ(room.count("SELECT max(quantity) FROM cart"), 7);
}

TEST_P(StoreRoomTest, what_is_wrong_with_a_cart_change_is_told_in_the_contracts_order) {
    Room room(place());
    room.product("a");
    const std::string no_product = refused("MISSING_PRODUCT_ID", "product_id is required.");
    const std::string quantity =
        refused("INVALID_QUANTITY",
                "quantity must be a whole number from -1000000 to 1000000 and not zero.");
    const std::string not_found = refused("PRODUCT_NOT_FOUND", "Product with id 9 not found.");
    const auto invalid = [](const std::string& text) { return refused("VALIDATION_ERROR", text); };
    struct Row {
        std::string body;
        int status;
        std::string said;
    };
    const std::vector<Row> rows{
        {"{}",                                             400, no_product                                   },
        {R"({"product_id":null,"quantity":1})",            400, no_product                                   },
        {R"({"quantity":"x","cart_id":"y"})",              400, no_product                                   },
        {R"({"product_id":"1","quantity":1})",             422, invalid("product_id: must be a whole number")},
        {R"({"product_id":true,"quantity":1})",            422, invalid("product_id: must be a whole number")},
        {R"({"product_id":1.5,"quantity":1})",             422, invalid("product_id: must be a whole number")},
        {R"({"product_id":1,"cart_id":"1","quantity":1})", 422,
         invalid("cart_id: must be a whole number")                                                          },
        {R"({"product_id":1})",                            400, quantity                                     },
        {R"({"product_id":1,"quantity":null})",            400, quantity                                     },
        {R"({"product_id":1,"quantity":"2"})",             400, quantity                                     },
        {R"({"product_id":1,"quantity":true})",            400, quantity                                     },
        {R"({"product_id":1,"quantity":1.5})",             400, quantity                                     },
        {R"({"product_id":1,"quantity":1000001})",         400, quantity                                     },
        {R"({"product_id":1,"quantity":-1000001})",        400, quantity                                     },
        {R"({"product_id":1,"quantity":1e30})",            400, quantity                                     },
        {R"({"product_id":9,"quantity":"2"})",             400, quantity                                     },
        {R"({"product_id":9,"quantity":0})",               404, not_found                                    },
        {R"({"product_id":9,"quantity":1})",               404, not_found                                    },
        {R"({"product_id":9,"quantity":-1})",              404, not_found                                    },
        {R"({"product_id":1,"quantity":0})",               400, quantity                                     },
        {R"({"product_id":1,"quantity":0.0})",             400, quantity                                     },
        {R"([1])",                                         422, invalid("body: must be a JSON object")       },
        {R"({"product_id":)",                              422, invalid("body: must be a JSON object")       },
        {"",                                               422, invalid("body: must be a JSON object")       },
    };
    for (const Row& row : rows)
        expect(room.post("/api/cart", row.body, "bob@shop.example"), row.status, row.said,
               row.body);
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 1) << "a refusal leaves no user behind";
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 0);
}

TEST_P(StoreRoomTest, a_cart_holds_a_million_of_a_product_at_most) {
    Room room(place());
    room.product("a");
    expect(room.add(1, 1'000'000), 200, entry("1", 1'000'000));
    expect(room.add(1, 1), 400,
           refused("INVALID_QUANTITY",
                   "The cart may hold at most 1000000 of a product, and 1000 products."));
    expect(room.add(1, -1), 200, entry("1", 999'999));
}

TEST_P(StoreRoomTest, sixty_four_adds_at_once_are_all_counted) {
    Room room(place());
    room.product("a");
    std::vector<TestClient::Call> calls;
    for (int i = 0; i < 64; ++i) {
        calls.push_back({.verb = http::Verb::post,
                         .target = "/api/cart",
                         .body = Room::cart_body(1, i % 4 == 3 ? -1 : 2),
                         .headers = Room::as("bob@shop.example")});
    }
    room.add(1, 100);  // so that no order of them comes to nothing
    for (const Answer& answer : room.api.send_together(std::move(calls)))
        EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 1);
    EXPECT_EQ(room.count("SELECT quantity FROM cart"), 100 + 48 * 2 - 16);
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 2);
}

TEST_P(StoreRoomTest, first_adds_at_once_make_one_user_and_one_entry) {
    Room room(place());
    room.product("a");
    std::vector<TestClient::Call> calls;
    for (int i = 0; i < 64; ++i) {
        calls.push_back({.verb = http::Verb::post,
                         .target = "/api/cart",
                         .body = Room::cart_body(1, 1),
                         .headers = Room::as("bob@shop.example")});
    }
    for (const Answer& answer : room.api.send_together(std::move(calls)))
        EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(room.count("SELECT quantity FROM cart"), 64);
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 2);
}

TEST_P(StoreRoomTest, taking_out_at_once_never_leaves_less_than_nothing) {
    Room room(place());
    room.product("a");
    room.add(1, 30);
    std::vector<TestClient::Call> calls;
    for (int i = 0; i < 64; ++i) {
        calls.push_back({.verb = http::Verb::post,
                         .target = "/api/cart",
                         .body = Room::cart_body(1, -1),
                         .headers = Room::as("bob@shop.example")});
    }
    for (const Answer& answer : room.api.send_together(std::move(calls)))
        EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(room.count("SELECT count(*) FROM cart"), 0);
}

}  // namespace
}  // namespace souk::store
