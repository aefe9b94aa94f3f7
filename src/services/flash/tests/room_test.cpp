// The contract on the wire: every answer of port 3000, byte for byte.
#include "services/flash/tests/room.h"

#include "platform/testing/client.h"
#include "services/flash/errors.h"
#include "services/flash/http.h"
#include "services/flash/http_errors.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;
using http::TestClient;
using http::Verb;
using Answer = TestClient::Answer;

const std::string success = R"({"status":"success","msg":"Order accepted"})";
const std::string ignored = R"({"status":"ignored","msg":"Duplicate request"})";
const std::string sold_out_body = R"({"status":"sold_out","msg":"Inventory empty"})";
const std::string order_failed = R"({"status":"error","msg":"Order processing failed"})";
const std::string internal_error = R"({"status":"error","msg":"Internal error"})";
const std::string fine_order = R"({"productId":"phone","userId":"user-1"})";

std::string error(const std::string& text) { return R"({"error":")" + text + R"("})"; }

class RoomTest : public ::testing::Test {
protected:
    RoomTest() : RoomTest(Room::Options()) {}
    explicit RoomTest(const Room::Options& options) : room_(options) {}
    ~RoomTest() override { room_.database.close(); }  // before the client's loop

    Answer init(const std::string& body) { return api_.post("/init", body); }
    Answer order(const std::string& body, const std::string& key = "key") {
        TestClient::Headers headers;
        if (!key.empty()) headers.emplace_back("x-idempotency-key", key);
        return api_.post("/order", body, headers);
    }
    void start_sale(int quantity) {
        ASSERT_EQ(
            init(R"({"productId":"phone","quantity":)" + std::to_string(quantity) + "}").status,
            200);
    }
    static void expect(const Answer& answer, int status, const std::string& body,
                       const std::string& when = "") {
        EXPECT_EQ(answer.status, status) << when;
        EXPECT_EQ(answer.body, body) << when;
        if (!body.empty()) {
            EXPECT_EQ(answer.content_type, "application/json; charset=utf-8") << when;
        }
    }

    Room room_;
    std::string down_;
    Wiring wiring_{room_.operations,
                   [this] { return down_; },
                   [] { return std::string("a_metric 1\n"); },
                   "",
                   "http://localhost:4000",
                   {"https://shop.example"}};
    TestClient api_{api_room(wiring_)};
};

TEST_F(RoomTest, init_sets_the_stock_and_says_so) {
    expect(init(R"({"productId":"iphone-15","quantity":100})"), 200,
           R"({"status":"ok","msg":"Stock initialized for iphone-15 to 100"})");
    expect(api_.get("/inventory/iphone-15"), 200,
           R"({"status":"ok","productId":"iphone-15","stock":100})");
    expect(init(R"({"quantity":0,"productId":"iphone-15","more":[1,{}]})"), 200,
           R"({"status":"ok","msg":"Stock initialized for iphone-15 to 0"})");
    expect(init(R"({"productId":"iphone-15","quantity":2147483647})"), 200,
           R"({"status":"ok","msg":"Stock initialized for iphone-15 to 2147483647"})");
    EXPECT_EQ(api_.get("/inventory/iphone-15").header("cache-control"), "no-store");
}

TEST_F(RoomTest, init_says_what_is_wrong_with_a_body) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {R"({})", "Missing productId"},
        {R"({"quantity":1})", "Missing productId"},
        {R"({"productId":"","quantity":1})", "Invalid productId"},
        {R"({"productId":7,"quantity":1})", "Invalid productId"},
        {R"({"productId":null,"quantity":1})", "Invalid productId"},
        {R"({"productId":{"a":1},"quantity":1})", "Invalid productId"},
        {R"({"productId":"a b","quantity":1})", "Invalid productId"},
        {R"({"productId":"a\u0000b","quantity":1})", "Invalid productId"},
        {R"({"productId":"caf\u00e9","quantity":1})", "Invalid productId"},
        {R"({"productId":"a\"b","quantity":1})", "Invalid productId"},
        {R"({"productId":")" + std::string(129, 'x') + R"("})", "Invalid productId"},
        {R"({"productId":"phone"})", "Missing quantity"},
        {R"({"productId":"phone","quantity":null})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":"100"})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":true})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":[1]})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":1.5})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":-1})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":2147483648})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":18446744073709551615})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":99999999999999999999999})", "Invalid quantity"},
        {R"({"productId":"phone","quantity":1e400})", "Invalid quantity"},
    };
    for (const auto& [body, said] : rows) expect(init(body), 400, error(said), body);
    EXPECT_EQ(room_.stock(), -1);
}

TEST_F(RoomTest, what_is_no_json_object_is_told_so) {
    start_sale(10);
    const std::vector<std::string> bodies{"{",
                                          "}",
                                          "null",
                                          "42",
                                          "\"text\"",
                                          "[]",
                                          "[{}]",
                                          "{\"a\":}",
                                          "{'a':1}",
                                          "{\"a\":1,}",
                                          "{} {}",
                                          "\xEF\xBB\xBF{}",
                                          "{\"a\":\"\x01\"}",
                                          "{\"a\":\"\xFF\"}",
                                          "{\"a\":\"\\ud800\"}",
                                          std::string(200, '[') + std::string(200, ']'),
                                          "{\"a\":" + std::string(100'000, '[')};
    for (const std::string& body : bodies) {
        for (const std::string path : {"/init", "/order", "/cancel/key-1"}) {
            expect(api_.post(path, body,
                             {
                                 {"x-idempotency-key", "key"}
            }),
                   400, error("Invalid JSON"), path + " " + body.substr(0, 40));
        }
    }
    EXPECT_EQ(room_.stock(), 10);
}

TEST_F(RoomTest, media_types_other_than_json_are_refused) {
    for (const std::string path : {"/init", "/order", "/cancel/key-1"}) {
        expect(api_.post(path, "a=b",
                         {
                             {"content-type", "application/x-www-form-urlencoded"}
        }),
               415, error("Unsupported Media Type"), path);
    }
    expect(api_.post("/order", fine_order,
                     {
                         {"content-type", "text/plain"}
    }),
           415, error("Unsupported Media Type"));
    expect(api_.send({Verb::post, "/order", "", {{"content-type", "application/json"}}}), 400,
           error("Invalid JSON"));
}

TEST_F(RoomTest, an_order_is_accepted_once_and_then_ignored) {
    start_sale(2);
    const Answer first = order(fine_order);
    expect(first, 200, success);
    EXPECT_EQ(first.header("x-order-id").size(), 36U);
    const Answer again = order(R"({"productId":"other","userId":"somebody else"})");
    expect(again, 200, ignored);
    EXPECT_EQ(again.header("x-order-id"), first.header("x-order-id"));
    expect(order(fine_order, "second"), 200, success);
    expect(order(fine_order, "third"), 409, sold_out_body);
    expect(order(fine_order, "second"), 200, ignored, "a used key on a sold-out product");
    start_sale(1);
    expect(order(fine_order, "third"), 200, success, "sold out did not use the key");
}

TEST_F(RoomTest, the_checks_of_an_order_come_in_the_contracts_order) {
    start_sale(1);
    struct Row {
        std::string body;
        std::string key;
        std::string said;
    };
    const std::string long_user(256, 'u');
    const std::vector<Row> rows{
        {R"({})", "", "Missing Idempotency Key"},
        {fine_order, "", "Missing Idempotency Key"},
        {R"({})", "two words", "Invalid Idempotency Key"},
        {fine_order, std::string(256, 'k'), "Invalid Idempotency Key"},
        {R"({})", "key", "Missing productId"},
        {R"({"userId":"u"})", "key", "Missing productId"},
        {R"({"productId":"","userId":"u"})", "key", "Missing productId"},
        {R"({"productId":5,"userId":"u"})", "key", "Missing productId"},
        {R"({"productId":null})", "key", "Missing productId"},
        {R"({"productId":["phone"],"userId":"u"})", "key", "Missing productId"},
        {R"({"productId":"phone"})", "key", "Missing userId"},
        {R"({"productId":"phone","userId":""})", "key", "Missing userId"},
        {R"({"productId":"phone","userId":123456789012345})", "key", "Missing userId"},
        {R"({"productId":"phone","userId":{"userId":"u"}})", "key", "Missing userId"},
        {R"({"productId":"phone","userId":"a\nb"})", "key", "Invalid userId"},
        {R"({"productId":"phone","userId":"a\u0000b"})", "key", "Invalid userId"},
        {R"({"productId":"phone","userId":"a\u0085b"})", "key", "Invalid userId"},
        {R"({"productId":"phone","userId":")" + long_user + R"("})", "key", "Invalid userId"},
    };
    for (const Row& row : rows) expect(order(row.body, row.key), 400, error(row.said), row.body);
    EXPECT_EQ(room_.stock(), 1);
}

TEST_F(RoomTest, odd_but_readable_orders_are_taken_as_they_are) {
    start_sale(10);
    expect(order(R"({"productId":"x","productId":"phone","userId":"u"})", "a"), 200, success,
           "of two the last counts, as in JavaScript");
    expect(order(R"( { "userId" : "\ud83d\ude00" , "productId" : "\u0070hone" } )", "b"), 200,
           success);
    expect(order(R"({"productId":"phone","userId":"u","x":{"productId":7},"n":1e308})", "c"), 200,
           success);
    expect(order(R"({"productId":"never-initialised","userId":"u"})", "d"), 409, sold_out_body);
    expect(order(R"({"productId":")" + std::string(5'000, 'p') + R"(","userId":"u"})", "e"), 409,
           sold_out_body);
    EXPECT_EQ(room_.stock(), 7);
}

TEST_F(RoomTest, a_log_that_fails_gives_the_contracts_500_and_the_retry_succeeds) {
    start_sale(1);
    room_.log.set(MemoryLog::Mode::loses);
    expect(order(fine_order), 500, order_failed);
    expect(api_.get("/inventory/phone"), 200, R"({"status":"ok","productId":"phone","stock":1})");
    room_.log.set(MemoryLog::Mode::writes);
    expect(order(fine_order), 200, success);
    room_.log.set(MemoryLog::Mode::loses);
    expect(api_.post("/cancel/key", ""), 500, order_failed);
}

TEST_F(RoomTest, a_database_that_fails_stops_init_and_not_orders) {
    start_sale(1);
    room_.database.fail_from(0, testing::Failing::unavailable);
    expect(init(R"({"productId":"phone","quantity":5})"), 500, internal_error);
    expect(api_.get("/status/unknown"), 500, internal_error);
    expect(order(fine_order), 200, success);
    room_.database.fail_from(0, testing::Failing::refused);
    expect(init(R"({"productId":"phone","quantity":5})"), 500, internal_error);
    room_.database.heal();
    expect(api_.get("/inventory/phone"), 200, R"({"status":"ok","productId":"phone","stock":0})");
}

TEST_F(RoomTest, a_sale_whose_commit_had_no_answer_is_in_force_once_that_is_known) {
    start_sale(1);
    room_.database.fail_nth(0, testing::Failing::lost_answer);
    expect(init(R"({"productId":"phone","quantity":5})"), 500, internal_error);
    EXPECT_EQ(room_.stock(), 1);
    room_.loop.wait(room_.operations.settle_doubts());
    EXPECT_EQ(room_.stock(), 5);
}

TEST_F(RoomTest, status_tells_what_became_of_an_order) {
    start_sale(5);
    const std::string id = order(fine_order, "mine").header("x-order-id");
    const auto body = [&](const std::string& state, std::int64_t updated_at_ms) {
        return R"({"status":"ok","orderId":")" + id + R"(","productId":"phone","state":")" + state +
               R"(","acceptedAt":1700000000000,"updatedAt":)" + std::to_string(updated_at_ms) + "}";
    };
    expect(api_.get("/status/" + id), 200, body("pending", test_time_ms));
    expect(api_.get("/status/mine"), 200, body("pending", test_time_ms));
    room_.clock.advance(2s);
    ASSERT_TRUE(room_.persist_all());
    expect(api_.get("/status/" + id), 200, body("confirmed", test_time_ms + 2'000));
    room_.clock.advance(100s);
    expect(api_.get("/status/mine"), 200, body("confirmed", test_time_ms + 2'000));
    EXPECT_EQ(api_.get("/status/mine").header("cache-control"), "no-store");
    expect(api_.get("/status/unknown"), 404, error("Order not found"));
    expect(api_.get("/status/" + std::string(256, 'x')), 400, error("Invalid order id"));
    expect(api_.get("/status/a%0Ab"), 400, error("Invalid order id"));
    EXPECT_EQ(api_.get("/status/%zz").status, 400);
}

TEST_F(RoomTest, a_pending_order_can_be_cancelled_and_a_confirmed_one_cannot) {
    start_sale(5);
    const std::string id = order(fine_order, "mine").header("x-order-id");
    const std::string gone = R"({"status":"cancelled","msg":"Order cancelled"})";
    expect(api_.post("/cancel/" + id, R"({"userId":"another"})"), 404, error("Order not found"));
    expect(api_.post("/cancel/" + id, R"({"userId":5})"), 400, error("Invalid userId"));
    expect(api_.post("/cancel/" + id, R"({"userId":"user-1"})"), 200, gone);
    expect(api_.post("/cancel/mine", ""), 200,
           R"({"status":"ignored","msg":"Order already cancelled"})");
    expect(api_.get("/inventory/phone"), 200, R"({"status":"ok","productId":"phone","stock":5})");
    expect(order(fine_order, "mine"), 200, ignored, "the key stays used");
    order(fine_order, "other");
    ASSERT_TRUE(room_.persist_all());
    expect(api_.post("/cancel/other", ""), 409,
           R"({"status":"not_cancellable","msg":"Order already confirmed"})");
    expect(api_.post("/cancel/mine", ""), 200,
           R"({"status":"ignored","msg":"Order already cancelled"})");
    expect(api_.post("/cancel/unknown", ""), 404, error("Order not found"));
}

TEST_F(RoomTest, paths_and_methods_that_are_none_are_told_so) {
    expect(api_.get("/"), 404, error("Not Found"));
    expect(api_.get("/orders"), 404, error("Not Found"));
    const Answer wrong = api_.get("/order");
    expect(wrong, 405, error("Method Not Allowed"));
    EXPECT_EQ(wrong.header("allow"), "POST");
    expect(api_.get("/inventory/never-initialised"), 404, error("Product not found"));
}

TEST_F(RoomTest, health_names_what_is_down) {
    expect(api_.get("/health"), 200, R"({"status":"ok"})");
    down_ = "database";
    expect(api_.get("/health"), 503, R"({"status":"error","msg":"database unavailable"})");
    EXPECT_EQ(api_.get("/metrics").body, "a_metric 1\n");
}

TEST_F(RoomTest, init_asks_for_the_token_when_there_is_one) {
    wiring_.admin_token = "s3cret";
    const std::string body = R"({"productId":"phone","quantity":5})";
    const std::vector<std::string> wrong{"",
                                         "s3cret",
                                         "Bearer",
                                         "Bearer ",
                                         "Bearer s3cre",
                                         "Bearer s3crett",
                                         "Basic s3cret",
                                         "Bearer S3CRET"};
    for (const std::string& sent : wrong) {
        expect(api_.post("/init", body,
                         {
                             {"authorization", sent}
        }),
               401, error("Unauthorized"), sent);
    }
    expect(api_.post("/init", body), 401, error("Unauthorized"));
    EXPECT_EQ(room_.stock(), -1);
    EXPECT_EQ(api_.post("/init", body,
                        {
                            {"authorization", "Bearer s3cret"}
    })
                  .status,
              200);
    expect(order(fine_order), 200, success, "orders need none");
}

TEST_F(RoomTest, only_so_many_products_can_be_made) {
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(init(R"({"productId":"p)" + std::to_string(i) + R"(","quantity":1})").status,
                  200);
    expect(init(R"({"productId":"p10","quantity":1})"), 400, error("Too many products"));
    EXPECT_EQ(init(R"({"productId":"p3","quantity":9})").status, 200)
        << "a reset is no new product";
}

TEST_F(RoomTest, one_key_sent_many_times_at_once_is_one_order) {
    start_sale(10);
    const TestClient::Call call{Verb::post, "/order", fine_order, {{"x-idempotency-key", "k"}}};
    int succeeded = 0;
    for (const Answer& each : api_.send_together(std::vector(20, call))) {
        EXPECT_EQ(each.status, 200);
        succeeded += each.body == success ? 1 : 0;
    }
    EXPECT_EQ(succeeded, 1);
    EXPECT_EQ(room_.stock(), 9);
}

class LimitedRoomTest : public RoomTest {
protected:
    LimitedRoomTest() : RoomTest(Room::Options{.rate_limit_rps = 3}) {}
};

TEST_F(LimitedRoomTest, over_the_limit_every_order_is_sent_to_the_waiting_room) {
    start_sale(10);
    expect(order(fine_order, "a"), 200, success);
    expect(order(fine_order, ""), 400, error("Missing Idempotency Key"), "takes a token");
    expect(order("{", "b"), 400, error("Invalid JSON"), "takes none: it comes before the limiter");
    expect(order(fine_order, "a"), 200, ignored, "takes a token");
    for (const std::string key : {"c", "", "a"}) {
        const Answer answer = order(fine_order, key);
        expect(answer, 302, "", key);
        EXPECT_EQ(answer.header("location"), "http://localhost:4000");
        EXPECT_EQ(answer.header("retry-after"), "1");
        EXPECT_EQ(answer.header("cache-control"), "no-store");
    }
    expect(order("{", "c"), 400, error("Invalid JSON"));
    expect(api_.get("/capacity"), 200,
           R"({"status":"ok","limit":3,"remaining":0,"retryAfterMs":334})");
    room_.clock.advance(1s);
    expect(api_.get("/capacity"), 200,
           R"({"status":"ok","limit":3,"remaining":3,"retryAfterMs":0})");
    expect(order(fine_order, "c"), 200, success);
}

TEST_F(RoomTest, with_the_limiter_off_capacity_says_so) {
    expect(api_.get("/capacity"), 200,
           R"({"status":"ok","limit":0,"remaining":-1,"retryAfterMs":0})");
}

class ClosedRoomTest : public RoomTest {
protected:
    ClosedRoomTest() : RoomTest(Room::Options{.is_open = false}) {}
};

TEST_F(ClosedRoomTest, until_the_state_is_rebuilt_nothing_is_promised) {
    expect(order(fine_order), 500, order_failed);
    expect(init(R"({"productId":"phone","quantity":5})"), 500, internal_error);
    expect(api_.get("/inventory/phone"), 500, internal_error);
    expect(api_.get("/status/key"), 500, internal_error);
    EXPECT_EQ(api_.post("/cancel/key", "").status, 500);
}

core::Task<core::Result<http::Response>> refuse_with(const core::Error& refused) {
    co_return refused;
}

// A room whose handlers refuse everything with `refused`, in flash's words.
http::Room refusing_room(const core::Error& refused) {
    http::Room room;
    const auto refuse =
        [&refused](const http::Request&) -> core::Task<core::Result<http::Response>> {
        return refuse_with(refused);
    };
    for (const std::string path : {"/order", "/init"}) {
        room.routes.push_back({.verb = Verb::post, .path = path, .handler = refuse});
    }
    room.render_error = [](const core::Error& error, const http::Request& request) {
        return render_error("http://w", error, request);
    };
    return room;
}

TEST(RenderError, every_fault_has_its_status_and_envelope) {
    struct Row {
        core::Fault fault;
        int on_order;
        int elsewhere;
    };
    using enum core::Fault;
    const std::vector<Row> rows{
        {malformed,              400, 400},
        {invalid,                400, 400},
        {unauthorized,           401, 401},
        {forbidden,              403, 403},
        {core::Fault::not_found, 404, 404},
        {method_not_allowed,     405, 405},
        {conflict,               409, 409},
        {gone,                   410, 410},
        {too_large,              413, 413},
        {uri_too_long,           414, 414},
        {headers_too_large,      431, 431},
        {unsupported_media_type, 415, 415},
        {expectation_failed,     417, 417},
        {upgrade_required,       426, 426},
        {request_timeout,        408, 408},
        {limited,                302, 302},
        {overloaded,             302, 503},
        {unavailable,            500, 500},
        {not_implemented,        501, 501},
        {core::Fault::internal,  500, 500},
    };
    core::Error refused{internal, "the_code", "the message"};
    TestClient client(refusing_room(refused));
    for (const Row& row : rows) {
        refused.fault = row.fault;
        for (const std::string path : {"/order", "/init"}) {
            const Answer answer = client.post(path, "");
            const int wanted = path == "/order" ? row.on_order : row.elsewhere;
            EXPECT_EQ(answer.status, wanted) << static_cast<int>(row.fault) << " on " << path;
            if (wanted == 500) {
                EXPECT_EQ(answer.body, path == "/order" ? order_failed : internal_error);
            } else if (wanted == 302) {
                EXPECT_EQ(answer.body, "");
            } else if (wanted == 409) {
                EXPECT_EQ(answer.body, R"({"status":"the_code","msg":"the message"})");
            } else {
                EXPECT_EQ(answer.body,
                          error(wanted == 400 && row.fault == malformed ? "Invalid JSON"
                                                                        : "the message"));
            }
        }
    }
}

}  // namespace
}  // namespace souk::flash
