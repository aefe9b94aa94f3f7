// The whole room of store for tests, on any engine: real routes, tables and jobs; clock,
// randomness, issuer and mail server are the test's.
#pragma once

#include "platform/cache/open.h"
#include "platform/testing/client.h"
#include "platform/testing/engine.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/seeded_random.h"
#include "services/store/service.h"
#include "services/store/tests/fakes.h"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>

namespace souk::store {

using http::TestClient;
using testing::comes_true;
using testing::Engine;
using testing::OnLoop;
using Answer = TestClient::Answer;

class Room {
public:
    struct Options {
        bool has_checkout = true;
        bool has_mail = false;
        std::string contact_to = {};
        std::string webhook_url = {};
        std::string private_key = "private_key_test";
        bool keeps_lists = true;
        bool shares_lists = false;  // as if others read what the room's cache keeps
    };

    explicit Room(db::Place place) : Room(db::open(std::move(place)), Options()) {}
    Room(db::Place place, const Options& options) : Room(db::open(std::move(place)), options) {}
    Room(std::unique_ptr<db::Database> real, const Options& options)
        : database(std::move(real)), service(config_of(options), deps_of(options)) {
        service.start();
        if (!comes_true([this] { return api.get("/api/product").status == 200; }))
            throw std::runtime_error("the room did not open");
    }
    ~Room() {
        service.stop();
        database.close();  // before the loops
    }

    static TestClient::Headers as(const std::string& token) {
        return {
            {"authorization", "Bearer " + token}
        };
    }

    Answer get(const std::string& target, const std::string& token = "") {
        return api.get(target, token.empty() ? TestClient::Headers() : as(token));
    }
    Answer post(const std::string& target, const std::string& body, const std::string& token = "") {
        return api.post(target, body, token.empty() ? TestClient::Headers() : as(token));
    }

    // Gives its id.
    std::int64_t product(const std::string& name, int stock = 50, int price = 100) {
        const Answer made = post("/api/product",
                                 R"({"name":")" + name + R"(","price":)" + std::to_string(price) +
                                     R"(,"description":"d","category":"c","stock":)" +
                                     std::to_string(stock) + R"(,"image_url":"u"})",
                                 "owner@shop.example");
        if (made.status != 201) throw std::runtime_error("no product: " + made.body);
        const std::size_t at = made.body.find(R"("id":)") + 5;
        return std::stoll(made.body.substr(at));
    }
    Answer add(std::int64_t product, int quantity, const std::string& token = "bob@shop.example") {
        return post("/api/cart", cart_body(product, quantity), token);
    }
    static std::string cart_body(std::int64_t product, int quantity) {
        return R"({"product_id":)" + std::to_string(product) + R"(,"quantity":)" +
               std::to_string(quantity) + "}";
    }

    db::Rows rows(db::Sql sql) { return loop.wait(database.read(sql)); }
    std::int64_t count(db::Sql sql) { return db::integer(rows(sql)[0][0]); }

    Config config_of(const Options& options) {
        Config config;
        config.frontend_urls = {"http://localhost:3000", "https://shop.example/"};
        config.image_kit_private_key = options.private_key;
        config.checkout = options.has_checkout;
        config.contact_to_email = options.contact_to;
        config.contact_webhook_url = options.webhook_url;
        return config;
    }
    Deps deps_of(const Options& options) {
        return {.database = database,
                .list_cache = options.keeps_lists ? cache.get() : nullptr,
                .shares_list_cache = options.shares_lists,
                .limits = *cache,
                .verifier = verifier,
                .client = client,
                .mail = options.has_mail ? &mail : nullptr,
                .background = loop.loop(),
                .clock = clock,
                .random = random,
                .metrics = registry};
    }

    OnLoop loop;  // outlives what waits on it
    testing::FixedClock clock;
    testing::SeededRandom random;
    metrics::Registry registry;
    testing::FlakyDatabase database;
    std::unique_ptr<cache::Cache> cache = cache::local(clock);
    FakeVerifier verifier;
    FakeMail mail;
    net::Client client;
    Service service;
    TestClient api{service.api()};
};

inline std::string refused(const std::string& code, const std::string& message) {
    return R"({"success":false,"message":")" + message + R"(","error_code":")" + code + R"("})";
}

inline void expect(const Answer& answer, int status, const std::string& body,
                   const std::string& when = "") {
    EXPECT_EQ(answer.status, status) << when;
    EXPECT_EQ(answer.body, body) << when;
    if (!body.empty()) {
        EXPECT_EQ(answer.content_type, "application/json") << when;
    }
}

// Runs on every engine, in a test program of its own for each.
class StoreRoomTest : public ::testing::TestWithParam<Engine> {
protected:
    db::Place place() const { return GetParam().fresh_place(); }
};

}  // namespace souk::store
