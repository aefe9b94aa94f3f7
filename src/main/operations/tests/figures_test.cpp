// Where the overview's figures come from: routes, and the lag of loops.
#include "main/operations/overview/loop_lag.h"
#include "main/operations/overview/overview.h"
#include "main/operations/overview/traffic.h"
#include "platform/metrics/registry.h"
#include "platform/testing/fixed_clock.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <sys/resource.h>

namespace souk::operations {
namespace {

using namespace std::chrono_literals;

class TrafficTest : public ::testing::Test {
protected:
    void serve(const std::string& route, int requests, std::chrono::nanoseconds took,
               const std::string& status = "2xx", const std::string& service = "shop") {
        metrics::Labels labels{
            {"service", service},
            {"method",  "GET"  },
            {"route",   route  }
        };
        metrics::Histogram& latency =
            registry_.histogram("souk_http_request_duration_seconds", "Time", labels);
        for (int i = 0; i < requests; ++i) latency.observe(took);
        labels.emplace_back("status", status);
        registry_.counter("souk_http_requests_total", "Requests", labels)
            .add(static_cast<std::uint64_t>(requests));
    }
    void tick() { traffic_.sample(at_ += 1s); }

    metrics::Registry registry_;
    Traffic traffic_{registry_};
    core::Instant at_{1h};
};

TEST_F(TrafficTest, before_anything_was_seen_there_is_nothing) {
    EXPECT_EQ(traffic_.last_second().requests_per_second, 0.0);
    EXPECT_TRUE(traffic_.routes().empty());
    serve("/a", 100, 1ms);
    tick();
    EXPECT_EQ(traffic_.last_second().requests_per_second, 0.0) << "one sample is no rate";
    ASSERT_EQ(traffic_.routes().size(), 1U);
    EXPECT_EQ(traffic_.routes()[0].p50_ms, std::nullopt);
}

TEST_F(TrafficTest, the_last_second_has_its_rate_and_share_of_errors) {
    serve("/a", 1'000, 1ms);
    tick();
    serve("/a", 30, 1ms);
    serve("/b", 10, 1ms, "5xx");
    tick();

    EXPECT_EQ(traffic_.last_second().requests_per_second, 40.0);
    EXPECT_EQ(traffic_.last_second().error_share, 0.25);
    tick();
    EXPECT_EQ(traffic_.last_second().requests_per_second, 0.0);
    EXPECT_EQ(traffic_.last_second().error_share, 0.0);
}

TEST_F(TrafficTest, the_operations_listeners_own_requests_are_no_part_of_the_whole) {
    tick();
    serve("/a", 10, 1ms);
    serve("/readyz", 30, 1ms, "5xx", "operations");
    tick();

    EXPECT_EQ(traffic_.last_second().requests_per_second, 10.0);
    EXPECT_EQ(traffic_.last_second().error_share, 0.0);
    EXPECT_EQ(traffic_.routes().size(), 2U) << "but they are shown";
}

TEST_F(TrafficTest, no_more_than_all_have_failed) {
    tick();
    serve("/a", 1, 1ms);
    registry_
        .counter("souk_http_requests_total", "Requests",
                 {
                     {"service", "shop"},
                     {"method",  "GET" },
                     {"route",   "/a"  },
                     {"status",  "5xx" }
    })
        .add(2);
    tick();

    EXPECT_EQ(traffic_.last_second().error_share, 1.0);
    EXPECT_EQ(traffic_.routes()[0].rate.error_share, 1.0);
}

TEST_F(TrafficTest, a_route_has_its_own_of_the_last_ten_seconds) {
    serve("/never", 0, 1ms);
    serve("/a", 1'000, 900ms);
    tick();
    for (int i = 0; i < 9; ++i) tick();
    serve("/a", 99, 40us);
    serve("/a", 1, 4ms, "5xx");
    tick();

    const std::vector<Traffic::Route> routes = traffic_.routes();
    ASSERT_EQ(routes.size(), 1U) << "a route without a request is not shown";
    EXPECT_EQ(routes[0].service, "shop");
    EXPECT_EQ(routes[0].method, "GET");
    EXPECT_EQ(routes[0].route, "/a");
    EXPECT_EQ(routes[0].rate.requests_per_second, 10.0);
    EXPECT_EQ(routes[0].rate.error_share, 0.01);
    EXPECT_NEAR(routes[0].p50_ms.value(), 0.025, 0.001);
    EXPECT_NEAR(routes[0].p99_ms.value(), 0.05, 0.001);

    for (int i = 0; i < 10; ++i) tick();
    EXPECT_EQ(traffic_.routes()[0].rate.requests_per_second, 0.0);
    EXPECT_EQ(traffic_.routes()[0].p99_ms, std::nullopt);
}

TEST(LoopLag, the_longest_delay_of_the_last_second_counts) {
    metrics::Registry registry;
    metrics::Histogram& first = registry.histogram("souk_loop_lag_seconds", "Lag",
                                                   {
                                                       {"loop", "loop-0"}
    });
    metrics::Histogram& second = registry.histogram("souk_loop_lag_seconds", "Lag",
                                                    {
                                                        {"loop", "background"}
    });
    LoopLag lag(registry);
    core::Instant at{1h};
    for (int i = 0; i < 50; ++i) first.observe(40us);
    first.observe(3ms);
    second.observe(40us);
    lag.sample(at += 1s);

    const std::vector<LoopLag::Lag> lags = lag.lags();
    ASSERT_EQ(lags.size(), 2U);
    EXPECT_EQ(lags[0].loop, "0");
    EXPECT_NEAR(lags[0].seconds, 0.005, 1e-9) << "the bound of its bucket";
    EXPECT_EQ(lags[1].loop, "background");
    EXPECT_NEAR(lags[1].seconds, 40e-6, 1e-9) << "not more than all together";
    EXPECT_EQ(lag.longest_seconds(), lags[0].seconds);

    // The first loop is held up: nothing is observed until it runs again.
    for (int i = 1; i <= 3; ++i) {
        second.observe(40us);
        lag.sample(at += 1s);
        EXPECT_NEAR(lag.longest_seconds(), i, 1e-9);
    }
    first.observe(3'100ms);
    lag.sample(at += 1s);
    EXPECT_NEAR(lag.longest_seconds(), 3.1, 1e-9);
}

// No descriptor can be opened while it lives.
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
    rlimit before_{};
};

TEST(Overview, without_a_free_descriptor_the_last_numbers_stay_and_the_others_go_on) {
    metrics::Registry registry;
    testing::FixedClock clock;
    const Services services;
    Overview overview({"1", "development", "."}, services, clock, registry);
    overview.sample(1);
    const OverviewBody before = overview.now({});
    EXPECT_GT(before.memory_bytes, 0);
    EXPECT_GT(before.open_files, 0);
    clock.advance(5s);
    {
        const NoDescriptors none;
        overview.sample(6);
    }
    const OverviewBody now = overview.now({});
    EXPECT_EQ(now.memory_bytes, before.memory_bytes);
    EXPECT_EQ(now.open_files, before.open_files);
    EXPECT_EQ(now.history.seconds.size(), 2U);
}

}  // namespace
}  // namespace souk::operations
