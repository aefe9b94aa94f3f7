// Who may call, what is refused before anything is done, and in which order; the same on every
// engine, so on SQLite alone.
#include "services/store/tests/on_sqlite.h"
#include "services/store/tests/room.h"

#include <vector>

namespace souk::store {
namespace {

const std::string unauthorized_body = refused("UNAUTHORIZED", "A Bearer token is required.");
const std::string long_text(10'001, 'x');

class Refusals : public ::testing::Test {
protected:
    Room room_{fresh_file()};
};

std::string invalid(const std::string& text) { return refused("VALIDATION_ERROR", text); }

TEST_F(Refusals, status_and_uptime_are_the_seeds) {
    expect(room_.get("/"), 200, R"({"status":"ok","uptime_seconds":0})");
    room_.clock.advance(std::chrono::milliseconds(182'600));
    expect(room_.get("/"), 200, R"({"status":"ok","uptime_seconds":183})");
}

TEST_F(Refusals, health_tells_of_database_and_cache) {
    room_.get("/api/product");
    const Answer health = room_.get("/health");
    EXPECT_EQ(health.status, 200);
    EXPECT_TRUE(health.body.starts_with(
        R"({"status":"ok","uptime_seconds":0,"database":{"ok":true,"error":null},)"
        R"("cache":{"ok":true,"error":null,"hits":)"))
        << health.body;
    room_.database.fail_from(0, testing::Failing::unavailable);
    EXPECT_TRUE(comes_true([&] { return room_.get("/health").status == 503; }));
    room_.database.heal();
    EXPECT_TRUE(comes_true([&] { return room_.get("/health").status == 200; }));
}

TEST_F(Refusals, tokens_are_needed_and_judged) {
    for (const std::string path : {"/api/cdn-auth", "/api/cart"}) {
        const Answer none = room_.get(path);
        expect(none, 401, unauthorized_body, path);
        EXPECT_EQ(none.header("www-authenticate"), "Bearer");
        expect(room_.api.get(path,
                             {
                                 {"authorization", "Basic abc"}
        }),
               401, unauthorized_body);
        expect(room_.api.get(path,
                             {
                                 {"authorization", "Bearer a b"}
        }),
               401, unauthorized_body);
        expect(room_.get(path, "unknown"), 401,
               refused("INVALID_TOKEN", "The token is not valid."));
        const Answer expired = room_.get(path, "expired");
        expect(expired, 401, refused("TOKEN_EXPIRED", "The token has expired."));
        EXPECT_EQ(expired.header("www-authenticate"), "Bearer");
        EXPECT_EQ(room_.api
                      .get(path,
                           {
                               {"authorization", "bEARER   bob@shop.example"}
        })
                      .status,
                  200);
    }
    room_.verifier.has_keys = false;
    const Answer down = room_.get("/api/cart", "bob@shop.example");
    expect(down, 503, refused("CLERK_AUTH_ERROR", "Tokens cannot be verified at the moment."));
    EXPECT_EQ(down.header("retry-after"), "1");
}

TEST_F(Refusals, a_token_without_an_email_is_told_so_before_the_body_is_looked_at) {
    const std::string missing = refused("MISSING_EMAIL", "The token has no email address.");
    expect(room_.get("/api/cart", "-,Bob"), 400, missing);
    for (const std::string path : {"/api/product", "/api/cart", "/api/review", "/api/checkout"}) {
        expect(room_.post(path, "not json", "-,Bob"), 400, missing, path);
        expect(room_.post(path, "not json"), 401, unauthorized_body, path);
        expect(room_.post(path, "not json", "bob@shop.example"), 422,
               invalid("body: must be a JSON object"), path);
        expect(room_.post(path, "{}", std::string(101, 'a')), 422,
               invalid("email: must have at most 100 characters"), path);
    }
    EXPECT_EQ(room_.get("/api/cdn-auth", "-,Bob").status, 200) << "which needs no email";
}

TEST_F(Refusals, media_types_come_before_tokens_and_an_absent_one_is_json) {
    for (const std::string path : {"/api/product", "/api/cart", "/api/review", "/api/contact"}) {
        expect(room_.api.post(path, "a=b",
                              {
                                  {"content-type", "text/plain"}
        }),
               415, refused("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type"), path);
    }
    expect(room_.post("/api/product", "", "bob@shop.example"), 422,
           invalid("body: must be a JSON object"));
}

TEST_F(Refusals, unknown_paths_and_methods_are_told_so) {
    for (const std::string path : {"/docs", "/redoc", "/openapi.json", "/api", "/api/products",
                                   "/api/product/1/x", "/api/product/1/2/", "//"}) {
        if (path == "//") continue;
        expect(room_.get(path), 404, refused("NOT_FOUND", "Not Found"), path);
    }
    const Answer wrong = room_.api.send({http::Verb::delete_, "/api/product", {}, {}});
    expect(wrong, 405, refused("METHOD_NOT_ALLOWED", "Method Not Allowed"));
    EXPECT_EQ(wrong.header("allow"), "GET, HEAD, POST");
}

TEST_F(Refusals, a_slash_too_many_leads_to_the_path_without_it) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"/api/product/",        "/api/product"       },
        {"/api/product/?q=a%20", "/api/product?q=a%20"},
        {"/api/product/5/",      "/api/product/5"     },
        {"/api/cart/",           "/api/cart"          },
        {"/health/",             "/health"            },
    };
    for (const auto& [path, place] : table) {
        const Answer answer = room_.get(path);
        EXPECT_EQ(answer.status, 307) << path;
        EXPECT_EQ(answer.header("location"), place) << path;
    }
    EXPECT_EQ(room_.post("/api/cart/", "{}").status, 307);
    EXPECT_EQ(room_.get("/api/unknown/").status, 404);
    EXPECT_EQ(room_.get("/api/product//").status, 404);
}

TEST_F(Refusals, lists_say_what_is_wrong_with_a_query) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"limit=0", "limit: must be between 1 and 100"},
        {"limit=-1", "limit: must be between 1 and 100"},
        {"limit=101", "limit: must be between 1 and 100"},
        {"limit=99999999999999999999", "limit: must be between 1 and 100"},
        {"limit=abc", "limit: must be a whole number"},
        {"limit=1.5", "limit: must be a whole number"},
        {"limit=", "limit: must be a whole number"},
        {"limit=+5", "limit: must be a whole number"},
        {"page=0", "page: must be between 1 and 9223372036854775807"},
        {"page=x", "page: must be a whole number"},
        {"page=9223372036854775808", "page: must be between 1 and 9223372036854775807"},
        {"page=9223372036854775807", "page: must be between 1 and 461168601842738790"},
        {"q=" + std::string(201, 'q'), "q: must have at most 200 characters"},
        {"q=%FF", "q: must be UTF-8"},
    };
    for (const auto& [query, said] : table)
        expect(room_.get("/api/product?" + query), 422, invalid(said), query);
    EXPECT_EQ(room_.get("/api/product?limit=100&page=007&q=" + std::string(200, 'q')).status, 200);
}

TEST_F(Refusals, products_say_what_is_wrong_with_a_body) {
    const auto with = [](const std::string& field, const std::string& value) {
        std::vector<std::pair<std::string, std::string>> fields{
            {"name",        "\"n\""},
            {"price",       "1"    },
            {"description", "\"d\""},
            {"category",    "\"c\""},
            {"stock",       "0"    },
            {"image_url",   "\"u\""}
        };
        std::string body;
        for (auto& [name, text] : fields) {
            if (name == field) text = value;
            if (!text.empty()) body += (body.empty() ? "{\"" : ",\"") + name + "\":" + text;
        }
        return body + "}";
    };
    const std::string range = ": must be between 0 and 2147483647";
    const std::vector<std::tuple<std::string, std::string, std::string>> table{
        {"name", "", "name: is required"},
        {"name", "null", "name: must be a string"},
        {"name", "5", "name: must be a string"},
        {"name", "\"\"", "name: must have 1 to 100 characters"},
        {"name", "\"" + long_text.substr(0, 101) + "\"", "name: must have 1 to 100 characters"},
        {"name", "\"a\\u0000b\"", "name: must not have a NUL character"},
        {"price", "", "price: is required"},
        {"price", "0", "price: must be between 1 and 2147483647"},
        {"price", "-1", "price: must be between 1 and 2147483647"},
        {"price", "2147483648", "price: must be between 1 and 2147483647"},
        {"price", "1e300", "price: must be between 1 and 2147483647"},
        {"price", "\"1\"", "price: must be a whole number"},
        {"price", "true", "price: must be a whole number"},
        {"price", "1.5", "price: must be a whole number"},
        {"description", "\"" + long_text + "\"", "description: must have 0 to 10000 characters"},
        {"category", "\"" + long_text.substr(0, 51) + "\"",
         "category: must have 1 to 50 characters"},
        {"stock", "-1", "stock" + range},
        {"stock", "[]", "stock: must be a whole number"},
        {"image_url", "\"" + long_text.substr(0, 256) + "\"",
         "image_url: must have 0 to 255 characters"},
    };
    for (const auto& [field, value, said] : table) {
        expect(room_.post("/api/product", with(field, value), "bob@shop.example"), 422,
               invalid(said), field + "=" + value.substr(0, 20));
    }
    EXPECT_EQ(
        room_.post("/api/product", R"({"stock":"x","price":0,"name":5})", "bob@shop.example").body,
        invalid("name: must be a string"))
        << "the first of the table";
    EXPECT_EQ(room_.count("SELECT count(*) FROM users"), 0);
    std::string hundred;
    for (int i = 0; i < 100; ++i) hundred += "\u65e5";
    EXPECT_EQ(room_.post("/api/product", with("name", "\"" + hundred + "\""), "bob@x").status, 201);
    EXPECT_EQ(room_.post("/api/product", with("price", "2.0"), "bob@x").status, 201);
}

TEST_F(Refusals, reviews_say_what_is_wrong_with_a_body) {
    room_.product("a");
    const std::vector<std::pair<std::string, std::string>> table{
        {R"({"title":"t","rating":5,"content":"c"})", "product_id: is required"},
        {R"({"product_id":1,"rating":5,"content":"c"})", "title: is required"},
        {R"({"product_id":1,"title":"","rating":5,"content":"c"})",
         "title: must have 1 to 200 characters"},
        {R"({"product_id":1,"title":" \u00a0","rating":5,"content":"c"})",
         "title: must not be blank"},
        {R"({"product_id":1,"title":"t","rating":6,"content":"c"})",
         "rating: must be between 1 and 5"},
        {R"({"product_id":1,"title":"t","rating":0,"content":"c"})",
         "rating: must be between 1 and 5"},
        {R"({"product_id":1,"title":"t","rating":"5","content":"c"})",
         "rating: must be a whole number"},
        {R"({"product_id":1,"title":"t","rating":5,"content":"\n"})", "content: must not be blank"},
        {R"({"product_id":1,"title":"t","rating":5,"content":")" + long_text.substr(0, 1'001) +
             R"("})", "content: must have 1 to 1000 characters"},
        {R"({"product_id":"1","title":"t","rating":9,"content":"c"})",
         "product_id: must be a whole number"},
    };
    for (const auto& [body, said] : table)
        expect(room_.post("/api/review", body, "bob@shop.example"), 422, invalid(said), body);
    expect(room_.post("/api/review",
                      R"({"product_id":99999999999999999999,"title":"t","rating":5,"content":"c"})",
                      "bob@shop.example"),
           404, refused("PRODUCT_NOT_FOUND", "There is no product with such an id."));
}

TEST_F(Refusals, an_upload_is_signed_afresh_each_time) {
    const Answer first = room_.get("/api/cdn-auth", "bob@shop.example");
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(first.header("cache-control"), "no-store");
    EXPECT_NE(first.body.find(R"("expire":1700001800)"), std::string::npos) << first.body;
    EXPECT_NE(first.body, room_.get("/api/cdn-auth", "bob@shop.example").body);
}

TEST(Refusal, without_a_key_uploads_are_not_configured) {
    Room::Options options;
    options.private_key.clear();
    Room room(fresh_file(), options);
    expect(room.get("/api/cdn-auth", "bob@shop.example"), 500,
           refused("CDN_AUTH_ERROR", "Uploads are not configured."));
}

TEST_F(Refusals, a_database_that_fails_is_told_in_each_routes_own_code) {
    room_.product("a");
    room_.database.fail_from(0, testing::Failing::unavailable);
    const auto fails = [](const Answer& answer, const std::string& code) {
        EXPECT_EQ(answer.status, 500) << code;
        EXPECT_NE(answer.body.find(R"("error_code":")" + code + "\""), std::string::npos)
            << answer.body;
    };
    const std::string bob = "bob@shop.example";
    fails(room_.get("/api/product?q=x"), "SERVER_FETCH_ERROR");
    fails(room_.get("/api/product/1"), "SERVER_FETCH_ERROR");
    fails(room_.get("/api/cart", bob), "SERVER_FETCH_ERROR");
    fails(room_.add(1, 1), "SERVER_ADD_CART_ERROR");
    fails(room_.add(1, 0), "SERVER_ADD_CART_ERROR");
    fails(
        room_.post("/api/review", R"({"product_id":1,"title":"t","rating":1,"content":"c"})", bob),
        "REVIEW_PROCESSING_ERROR");
    fails(room_.post("/api/product",
                     R"({"name":"n","price":1,"description":"","category":"c","stock":1,)"
                     R"("image_url":""})",
                     bob),
          "DB_CREATE_ERROR");
    fails(room_.post("/api/contact", R"({"name":"n","email":"a@b.c","message":"m"})"),
          "CONTACT_PROCESSING_ERROR");
    fails(room_.post("/api/checkout",
                     R"({"name":"n","address":"a","phone":"1","payment_method":"p"})", bob),
          "CHECKOUT_ERROR");
    room_.database.heal();
    EXPECT_EQ(room_.get("/api/product?q=x").status, 200);
}

TEST_F(Refusals, pages_of_the_shop_are_let_in_and_told_so_on_errors_as_well) {
    const auto headers = [](const std::string& origin) {
        return TestClient::Headers{
            {"origin", origin}
        };
    };
    for (const std::string path :
         {"/", "/api/product", "/api/cart", "/api/product/999", "/nothing"}) {
        const Answer ours = room_.api.get(path, headers("http://localhost:3000"));
        EXPECT_EQ(ours.header("access-control-allow-origin"), "http://localhost:3000") << path;
        EXPECT_EQ(ours.header("access-control-allow-credentials"), "true") << path;
        EXPECT_EQ(ours.header("vary"), "Origin") << path;
        const Answer theirs = room_.api.get(path, headers("http://evil.example"));
        EXPECT_EQ(theirs.header("access-control-allow-origin"), "") << path;
        EXPECT_EQ(theirs.status, ours.status);
        EXPECT_EQ(room_.get(path).header("access-control-allow-origin"), "");
    }
    EXPECT_EQ(
        room_.api.get("/", headers("https://shop.example")).header("access-control-allow-origin"),
        "https://shop.example")
        << "the setting had a slash at its end";
}

TEST_F(Refusals, preflights_are_answered_as_the_reference_does) {
    const auto ask = [&](const std::string& path, const std::string& origin,
                         const std::string& method) {
        return room_.api.send({
            http::Verb::options,
            path,
            {},
            {{"origin", origin},
              {"access-control-request-method", method},
              {"access-control-request-headers", "authorization, x-thing"}}
        });
    };
    for (const std::string path : {"/api/product", "/api/cart", "/nothing"}) {
        const Answer fine = ask(path, "http://localhost:3000", "DELETE");
        EXPECT_EQ(fine.status, 200);
        EXPECT_EQ(fine.body, "OK");
        EXPECT_EQ(fine.content_type, "text/plain; charset=utf-8");
        EXPECT_EQ(fine.header("access-control-allow-methods"),
                  "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
        EXPECT_EQ(fine.header("access-control-max-age"), "600");
        EXPECT_EQ(fine.header("access-control-allow-credentials"), "true");
        EXPECT_EQ(fine.header("access-control-allow-origin"), "http://localhost:3000");
        EXPECT_EQ(fine.header("access-control-allow-headers"), "authorization, x-thing");
        EXPECT_EQ(fine.header("vary"), "Origin");
    }
    const std::vector<std::tuple<std::string, std::string, std::string>> refused_ones{
        {"http://evil.example",   "GET",   "Disallowed CORS origin"        },
        {"http://localhost:3000", "TRACE", "Disallowed CORS method"        },
        {"null",                  "get",   "Disallowed CORS origin, method"},
    };
    for (const auto& [origin, method, said] : refused_ones) {
        const Answer answer = ask("/api/product", origin, method);
        EXPECT_EQ(answer.status, 400);
        EXPECT_EQ(answer.body, said);
        EXPECT_EQ(answer.header("access-control-allow-origin"), "");
    }
}

}  // namespace
}  // namespace souk::store
