// The operations listener around a service that is a toy: one row brings it into the console.
#include "main/operations/answer.h"
#include "main/operations/operations.h"
#include "main/operations/overview/loop_watch.h"
#include "platform/core/loop.h"
#include "platform/metrics/registry.h"
#include "platform/testing/client.h"
#include "platform/testing/comes_true.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace souk::operations {
namespace {

using http::TestClient;
using testing::comes_true;

class OperationsTest : public ::testing::Test {
protected:
    ServiceRow toy() {
        return {
            .name = "toy",
            .listeners = {{"api", "[::]", 1}},
            .dependencies =
                [this] {
                    return std::vector<Dependency>{
                        {"spring", is_up, is_up ? "wound" : "broken"}, {"oil", has_oil, "", false}};
                          },
            .description = "{\"toy\":1}",
            .panel = {.schema = json::schema<ErrorBody>,
                          .sample = [this](std::uint64_t tick) { last_tick = tick; },
                          .write =
                          [](metrics::Ticks ticks, json::Output& out) {
                              out += "{\"after\":" + std::to_string(ticks.after) + "}";
                          }}
        };
    }

    Operations& start(const std::string& token = "") {
        operations_ = std::make_unique<Operations>(
            Operations::Setup{
                .about = {"1.2.3", "development", "."},
                .access = {token, "127.0.0.1"},
                .services = {toy()},
                .actions = {},
                .settings = {{"toy.size", "3", "default", "how big", "1 to 9"}},
                .page = "<b>{{nonce}}</b>"
        },
            Console::Borrowed{console_, clock_, random_, registry_}, sender_);
        client_ = std::make_unique<TestClient>(operations_->room());
        return *operations_;
    }

    TestClient::Answer get(const std::string& path) {
        return client_->get(path, {
                                      {"host", "localhost:9090"}
        });
    }
    boost::json::value json(const std::string& path) {
        const TestClient::Answer answer = get(path);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return boost::json::parse(answer.body);
    }

    double lag_ms(const std::string& loop) {
        const boost::json::value overview = json("/console/overview");
        for (const boost::json::value& each : overview.at("loops").as_array()) {
            if (each.at("name").as_string() == loop) return each.at("lagMs").to_number<double>();
        }
        return -1;
    }

    std::atomic<bool> is_up{true};
    std::atomic<bool> has_oil{true};
    std::atomic<std::uint64_t> last_tick{0};

    testing::FixedClock clock_;
    testing::SeededRandom random_;
    metrics::Registry registry_;
    core::Loop background_{"background"};
    core::Loop console_{"console"};
    net::Client sender_;
    std::unique_ptr<Operations> operations_;
    std::unique_ptr<TestClient> client_;
};

TEST_F(OperationsTest, a_row_brings_a_service_into_every_part_of_the_console) {
    start();

    EXPECT_EQ(json("/console/overview").at("services").at(0).at("name"), "toy");
    EXPECT_EQ(get("/console/toy").body, "{\"after\":0}");
    EXPECT_EQ(get("/openapi/toy.json").body, "{\"toy\":1}");
    EXPECT_EQ(json("/readyz").at("dependencies").at(0).at("name"), "toy spring");
    EXPECT_EQ(get("/console/flash").status, 404);
}

TEST_F(OperationsTest, what_is_down_shows_in_words) {
    start();
    is_up = false;

    const boost::json::value overview = json("/console/overview");

    EXPECT_EQ(overview.at("state"), "degraded");
    EXPECT_EQ(overview.at("services").at(0).at("state"), "down");
    EXPECT_EQ(overview.at("services").at(0).at("dependencies").at(0).at("detail"), "broken");
    EXPECT_EQ(get("/readyz").status, 503);
    EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(OperationsTest, what_can_be_done_without_is_missed_and_takes_nobody_out_of_service) {
    start();
    has_oil = false;

    const boost::json::value overview = json("/console/overview");

    EXPECT_EQ(overview.at("state"), "degraded");
    EXPECT_EQ(overview.at("services").at(0).at("state"), "degraded");
    EXPECT_EQ(json("/readyz").at("dependencies").at(1).at("state"), "degraded");
    EXPECT_EQ(get("/readyz").status, 200);

    is_up = false;

    EXPECT_EQ(json("/console/overview").at("services").at(0).at("state"), "down");
    EXPECT_EQ(get("/readyz").status, 503);
}

TEST_F(OperationsTest, everybody_is_sampled_until_the_end) {
    Operations& operations = start();
    operations.start();

    EXPECT_TRUE(comes_true([this] { return last_tick >= 2; }));
    EXPECT_GE(json("/console/overview").at("history").at("seconds").as_array().size(), 2U);
    operations.stop();
    operations.stop();
}

TEST_F(OperationsTest, a_loop_that_stands_still_is_seen_while_it_does) {
    watch_loop(background_, "background", registry_);
    Operations& operations = start();
    std::promise<void> recovery;
    boost::asio::post(background_.context(),
                      [recovered = recovery.get_future().share()] { recovered.wait(); });
    operations.start();
    EXPECT_TRUE(comes_true([this] { return last_tick >= 1; }));

    clock_.advance(std::chrono::seconds(2));
    EXPECT_TRUE(comes_true([this] { return lag_ms("background") >= 2'000; }));
    clock_.advance(std::chrono::seconds(3));
    EXPECT_TRUE(comes_true([this] { return lag_ms("background") >= 5'000; }));
    EXPECT_GE(last_tick.load(), 3U);

    recovery.set_value();
    EXPECT_TRUE(comes_true([this] { return lag_ms("background") < 5'000; }));
    operations.stop();
}

TEST_F(OperationsTest, every_route_is_described_with_its_refusals) {
    start();
    const boost::json::value document = json("/openapi/operations.json");
    const boost::json::object& paths = document.at("paths").as_object();

    for (const http::Route& route : operations_->room().routes) {
        EXPECT_FALSE(route.summary.empty()) << route.path;
        EXPECT_TRUE(paths.contains(route.path)) << route.path;
        EXPECT_NE(route.auth, http::Auth::none) << route.path << ": nobody would look at its Host";
        const bool names_403 =
            std::any_of(route.answers.begin(), route.answers.end(),
                        [](const http::Answer& answer) { return answer.status == 403; });
        EXPECT_TRUE(names_403) << route.path;
    }
}

TEST_F(OperationsTest, without_the_token_only_health_and_the_form_answer) {
    start("the token");

    for (const http::Route& route : operations_->room().routes) {
        const bool is_open = route.path == "/healthz" || route.path == "/readyz" ||
                             route.path == "/login" || route.path == "/logout";
        EXPECT_EQ(route.auth == http::Auth::optional, is_open) << route.path;
    }
    EXPECT_EQ(get("/").status, 303);
    EXPECT_EQ(get("/").header("location"), "/login");
    EXPECT_EQ(get("/console/toy").status, 401);
    const TestClient::Answer form =
        client_->post("/login", "token=the+token",
                      {
                          {"content-type", "application/x-www-form-urlencoded"}
    });
    EXPECT_EQ(form.status, 303);
    const std::string cookie = form.header("set-cookie");
    const TestClient::Answer page =
        client_->get("/", {
                              {"cookie", cookie.substr(0, cookie.find(';'))}
    });
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body.size(), 39U) << "the nonce is filled in";
    clock_.advance(std::chrono::hours(12));
    EXPECT_EQ(client_
                  ->get("/console/toy",
                        {
                            {"cookie", cookie.substr(0, cookie.find(';'))}
    })
                  .status,
              401)
        << "the session is over";
}

}  // namespace
}  // namespace souk::operations
