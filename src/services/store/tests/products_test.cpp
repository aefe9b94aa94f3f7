// The contract of products and reviews, byte for byte, on every engine.
#include "services/store/tests/room.h"

#include <vector>

namespace souk::store {
namespace {

const std::string fine_product =
    R"({"name":"New Product","price":2999,"description":"Long \"text\"","category":"Electronics",)"
    R"("stock":50,"image_url":"https://x/y.png"})";
const std::string stored_product =
    R"({"id":1,"name":"New Product","price":2999,"description":"Long \"text\"",)"
    R"("category":"Electronics","stock":50,"image_url":"https://x/y.png","owner_id":1})";

std::string list_of(const std::string& data) {
    return R"({"success":true,"message":"Successfully retrieved product list.","data":[)" + data +
           "]}";
}

// Ids of the products in an answer, as text.
std::string ids_in(const std::string& body) {
    std::string ids;
    for (std::size_t at = body.find("{\"id\":"); at != std::string::npos;
         at = body.find("{\"id\":", at + 1)) {
        ids += body.substr(at + 6, body.find(',', at) - at - 6) + " ";
    }
    return ids;
}

TEST_P(StoreRoomTest, a_product_is_created_listed_and_shown) {
    Room room(place());

    expect(room.post("/api/product", fine_product, "Seller@Shop.example,Sam"), 201,
           R"({"success":true,"message":"Product created successfully.","data":)" + stored_product +
               "}");

    expect(room.get("/api/product"), 200, list_of(stored_product));
    expect(room.get("/api/product/1"), 200,
           R"({"success":true,"message":"Product 1 retrieved successfully.","data":{"product":)" +
               stored_product + R"(,"reviews":[]}})");
    const db::Rows users = room.rows("SELECT email, name FROM users");
    ASSERT_EQ(users.size(), 1U);
    EXPECT_EQ(db::text(users[0][0]), "seller@shop.example");
    EXPECT_EQ(db::text(users[0][1]), "Sam");
}

TEST_P(StoreRoomTest, an_empty_list_and_a_page_past_the_end_are_empty) {
    Room room(place());
    expect(room.get("/api/product"), 200, list_of(""));
    room.product("a");
    expect(room.get("/api/product?page=2"), 200, list_of(""));
    expect(room.get("/api/product?page=9223372036854775807&limit=1"), 200, list_of(""));
}

TEST_P(StoreRoomTest, a_product_that_is_not_there_is_told_so) {
    Room room(place());
    const std::vector<std::string> ids{
        "999", "0", "-1", "9223372036854775807", "9223372036854775808", "-99999999999999999999"};
    for (const std::string& id : ids) {
        expect(room.get("/api/product/" + id), 404,
               refused("PRODUCT_NOT_FOUND", "Product with id " + id + " not found."), id);
    }
    for (const std::string id : {"abc", "1.0", "1a", "%20", "+1", "0x1", "-"}) {
        expect(room.get("/api/product/" + id), 422,
               refused("VALIDATION_ERROR", "product_id: must be a whole number"), id);
    }
}

TEST_P(StoreRoomTest, reviews_are_stored_and_shown_in_their_order) {
    Room room(place());
    room.product("a");
    const std::string body =
        R"({"product_id":1,"title":"Great quality!","rating":5.0,"content":"Good","id":77})";

    expect(room.post("/api/review", body, "bob@shop.example"), 200,
           R"({"success":true,"message":"Successfully added new review.","data":)"
           R"({"id":1,"title":"Great quality!","rating":5,"content":"Good"}})");
    EXPECT_EQ(room.post("/api/review", body, "bob@shop.example").status, 200);

    const std::string shown = room.get("/api/product/1").body;
    const std::string first =
        R"({"id":1,"product_id":1,"user_id":2,"rating":5,"content":"Good",)"
        R"("created_at":"2023-11-14T22:13:20Z","updated_at":"2023-11-14T22:13:20Z",)"
        R"("title":"Great quality!"})";
    const std::size_t at = shown.find(R"("reviews":[)");
    ASSERT_NE(at, std::string::npos) << shown;
    EXPECT_TRUE(shown.substr(at + 11).starts_with(first + R"(,{"id":2,)")) << shown;
}

TEST_P(StoreRoomTest, a_review_of_nothing_leaves_no_user_behind) {
    Room room(place());
    for (const std::string id : {"5", "0", "-3", "9223372036854775807"}) {
        expect(room.post("/api/review",
                         R"({"product_id":)" + id + R"(,"title":"t","rating":1,"content":"c"})",
                         "bob@shop.example"),
               404, refused("PRODUCT_NOT_FOUND", "Product with id " + id + " not found."), id);
    }
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 0);
}

TEST_P(StoreRoomTest, pages_follow_each_other_by_id) {
    Room room(place());
    for (int i = 0; i < 5; ++i) room.product("p" + std::to_string(i));
    EXPECT_EQ(ids_in(room.get("/api/product?limit=2").body), "1 2 ");
    EXPECT_EQ(ids_in(room.get("/api/product?limit=2&page=2").body), "3 4 ");
    EXPECT_EQ(ids_in(room.get("/api/product?limit=2&page=3").body), "5 ");
    EXPECT_EQ(ids_in(room.get("/api/product?q=&limit=100").body), "1 2 3 4 5 ");
}

TEST_P(StoreRoomTest, a_search_finds_the_text_itself_in_any_case_of_ascii) {
    Room room(place());
    const std::vector<std::string> names{
        "Red Apple",       "100% Wool",  "a_b",       "ab",       "back\\\\slash",
        "Caf\u00e9 Latte", "\u00c4pfel", "quo\\\"te", "it's; --", "\u65e5\u672c\u8a9e"};
    for (const std::string& name : names) room.product(name);
    const std::vector<std::pair<std::string, std::string>> table{
        {"apple",                       "1 " },
        {"APPLE",                       "1 " },
        {"d%20a",                       "1 " },
        {"d+a",                         "1 " },
        {"%25",                         "2 " },
        {"0%25%20w",                    "2 " },
        {"_",                           "3 " },
        {"a_b",                         "3 " },
        {"ab",                          "4 " },
        {"%5C",                         "5 " },
        {"k%5Cs",                       "5 " },
        {"caf%C3%A9",                   "6 " },
        {"%C3%A9%20L",                  "6 " },
        {"CAF%C3%89",                   ""   }, // only ASCII letters are folded, on every engine
        {"%C3%A4pfel",                  ""   },
        {"%C3%84PFEL",                  "7 " },
        {"%22",                         "8 " },
        {"o%22t",                       "8 " },
        {"';%20--",                     ""   },
        {"';",                          ""   },
        {"'s;",                         "9 " },
        {"%E6%9C%AC",                   "10 "},
        {"%E6%97%A5%E6%9C%AC%E8%AA%9E", "10 "},
        {"nothing",                     ""   },
        {"*",                           ""   },
        {"a%00",                        ""   },
        {"AND",                         ""   },
        {"NEAR(",                       ""   },
    };
    for (const auto& [query, ids] : table)
        EXPECT_EQ(ids_in(room.get("/api/product?q=" + query).body), ids) << query;
}

TEST_P(StoreRoomTest, descriptions_are_searched_as_well) {
    Room room(place());
    room.post("/api/product",
              R"({"name":"x","price":1,"description":"Soft and WARM","category":"c","stock":0,)"
              R"("image_url":""})",
              "owner@shop.example");
    EXPECT_EQ(ids_in(room.get("/api/product?q=warm").body), "1 ");
    EXPECT_EQ(ids_in(room.get("/api/product?q=and%20w").body), "1 ");
    EXPECT_EQ(ids_in(room.get("/api/product?q=rm&page=2").body), "");
}

TEST_P(StoreRoomTest, a_list_is_kept_until_something_is_created) {
    Room room(place());
    room.product("a");
    const std::string before = room.get("/api/product").body;
    room.loop.wait(room.database.write("UPDATE products SET name = 'changed'"));

    EXPECT_EQ(room.get("/api/product").body, before) << "this one is from the cache";
    room.product("b");
    EXPECT_EQ(ids_in(room.get("/api/product").body), "1 2 ");
    EXPECT_NE(room.get("/api/product").body.find("changed"), std::string::npos);
}

TEST_P(StoreRoomTest, without_a_cache_every_list_is_read) {
    Room::Options options;
    options.keeps_lists = false;
    Room room(place(), options);
    room.product("a");
    EXPECT_EQ(room.get("/api/product").status, 200);
    room.loop.wait(room.database.write("UPDATE products SET name = 'changed'"));
    EXPECT_NE(room.get("/api/product").body.find("changed"), std::string::npos);
    EXPECT_NE(room.get("/health").body.find(R"("cache":{"ok":false)"), std::string::npos);
    EXPECT_EQ(room.get("/health").status, 200);
}

TEST_P(StoreRoomTest, many_first_writes_at_once_make_one_user) {
    Room room(place());
    std::vector<TestClient::Call> calls;
    for (int i = 0; i < 64; ++i) {
        calls.push_back({.verb = http::Verb::post,
                         .target = "/api/product",
                         .body = fine_product,
                         .headers = Room::as("new@shop.example")});
    }
    for (const Answer& answer : room.api.send_together(std::move(calls)))
        EXPECT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 1);
    EXPECT_EQ(room.count("SELECT count(*) FROM products"), 64);
}

}  // namespace
}  // namespace souk::store
