#include "platform/metrics/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace souk::metrics {
namespace {

// Reads the text format back: "name{labels}" to value. Fails on a line it cannot read.
std::map<std::string, double> parse(const std::string& text) {
    std::map<std::string, double> samples;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# HELP ") || line.starts_with("# TYPE ")) continue;
        const std::size_t space = line.rfind(' ');
        EXPECT_NE(space, std::string::npos) << line;
        std::size_t read = 0;
        const std::string number = line.substr(space + 1);
        samples[line.substr(0, space)] = std::stod(number == "Nan" ? "nan" : number, &read);
        EXPECT_EQ(read, number.size()) << line;
    }
    return samples;
}

TEST(Registry, one_name_and_labels_are_one_counter_whatever_their_order) {
    Registry registry;

    Counter& first = registry.counter("orders_total", "Orders",
                                      {
                                          {"a", "1"},
                                          {"b", "2"}
    });
    Counter& again = registry.counter("orders_total", "Orders",
                                      {
                                          {"b", "2"},
                                          {"a", "1"}
    });
    Counter& other = registry.counter("orders_total", "Orders",
                                      {
                                          {"a", "2"},
                                          {"b", "2"}
    });

    EXPECT_EQ(&first, &again);
    EXPECT_NE(&first, &other);
}

TEST(Registry, what_it_gave_out_never_moves) {
    Registry registry;
    Counter& first = registry.counter("first_total", "First");

    for (int n = 0; n < 1000; ++n)
        registry
            .counter("n_total", "N",
                     {
                         {"n", std::to_string(n)}
        })
            .add();
    first.add(7);

    EXPECT_EQ(parse(registry.text())["first_total"], 7);
}

TEST(Registry, writes_the_text_format) {
    Registry registry;
    registry
        .counter("orders_total", "Orders taken",
                 {
                     {"outcome", "so\"ld\nout"}
    })
        .add(3);
    registry.histogram("took_seconds", "Time").observe(std::chrono::microseconds(150));
    const Gauge depth = registry.gauge("depth", "Depth", {}, [] { return 2.5; });

    const std::string text = registry.text();

    std::map<std::string, double> samples = parse(text);
    EXPECT_EQ(samples.at(R"(orders_total{outcome="so\"ld\nout"})"), 3);
    EXPECT_EQ(samples.at("depth"), 2.5);
    EXPECT_EQ(samples.at(R"(took_seconds_bucket{le="0.0001"})"), 0);
    EXPECT_EQ(samples.at(R"(took_seconds_bucket{le="0.0002"})"), 1);
    EXPECT_EQ(samples.at(R"(took_seconds_bucket{le="+Inf"})"), 1);
    EXPECT_EQ(samples.at("took_seconds_count"), 1);
    EXPECT_DOUBLE_EQ(samples.at("took_seconds_sum"), 0.00015);
    EXPECT_NE(text.find("# HELP orders_total Orders taken\n# TYPE orders_total counter\n"),
              std::string::npos);
}

TEST(Registry, a_gauge_goes_with_its_handle) {
    Registry registry;
    std::optional<Gauge> gauge(registry.gauge("depth", "Depth",
                                              {
                                                  {"room", "flash"}
    },
                                              [] { return 1.0; }));
    ASSERT_TRUE(parse(registry.text()).contains(R"(depth{room="flash"})"));

    gauge.reset();

    EXPECT_EQ(registry.text(), "");
    const Gauge again = registry.gauge("depth", "Depth",
                                       {
                                           {"room", "flash"}
    },
                                       [] { return 2.0; });
    EXPECT_EQ(parse(registry.text()).at(R"(depth{room="flash"})"), 2);
}

TEST(Registry, a_gauge_may_outlive_the_registry) {
    std::optional<Registry> registry(std::in_place);
    Gauge gauge = registry->gauge("depth", "Depth", {}, [] { return 1.0; });

    registry.reset();

    gauge = Gauge();
}

TEST(Registry, a_reading_that_fails_is_not_a_number_and_spoils_no_other) {
    Registry registry;
    const Gauge broken = registry.gauge("broken", "Broken", {},
                                        []() -> double { throw std::runtime_error("down"); });
    const Gauge fine = registry.gauge("fine", "Fine", {}, [] { return 1.0; });

    std::map<std::string, double> samples = parse(registry.text());

    EXPECT_TRUE(std::isnan(samples.at("broken")));
    EXPECT_EQ(samples.at("fine"), 1);
}

TEST(Registry, series_over_the_limit_are_refused_and_counted) {
    Registry registry(2);
    registry
        .counter("a_total", "A",
                 {
                     {"n", "1"}
    })
        .add();
    registry
        .counter("a_total", "A",
                 {
                     {"n", "2"}
    })
        .add();

    registry
        .counter("a_total", "A",
                 {
                     {"n", "3"}
    })
        .add();
    registry.histogram("b_seconds", "B").observe(std::chrono::seconds(1));
    const Gauge refused = registry.gauge("c", "C", {}, [] { return 1.0; });

    const std::map<std::string, double> expected = {
        {R"(a_total{n="1"})",                 1},
        {R"(a_total{n="2"})",                 1},
        {"souk_metrics_series_refused_total", 3}
    };
    EXPECT_EQ(parse(registry.text()), expected);
}

TEST(Registry, mistakes_of_the_program_are_told_at_once) {
    Registry registry;
    registry.counter("a_total", "A");
    const Gauge gauge = registry.gauge("depth", "Depth", {}, [] { return 1.0; });

    EXPECT_THROW(registry.histogram("a_total", "A"), std::logic_error);
    EXPECT_THROW(static_cast<void>(registry.gauge("depth", "Depth", {}, [] { return 2.0; })),
                 std::logic_error);
    EXPECT_THROW(registry.counter("with space", "A"), std::logic_error);
    EXPECT_THROW(registry.counter("1_total", "A"), std::logic_error);
    EXPECT_THROW(registry.counter("b_total", "A",
                                  {
                                      {"le", "1"}
    }),
                 std::logic_error);
    EXPECT_THROW(registry.counter("b_total", "A",
                                  {
                                      {"a-b", "1"}
    }),
                 std::logic_error);
}

TEST(Registry, owners_come_and_go_while_others_read) {
    Registry registry;
    std::atomic<bool> done{false};
    std::jthread reader([&] {
        while (!done) static_cast<void>(registry.text());
    });

    for (int n = 0; n < 500; ++n) {
        const auto owner = std::make_unique<int>(n);
        const Gauge gauge =
            registry.gauge("owner", "Owner", {}, [&owner] { return static_cast<double>(*owner); });
        registry
            .counter("made_total", "Made",
                     {
                         {"n", std::to_string(n % 50)}
        })
            .add();
    }
    done = true;

    double made = 0;
    for (const auto& [name, value] : parse(registry.text())) made += name == "owner" ? 0 : value;
    EXPECT_EQ(made, 500);
}

TEST(Registry, a_metric_is_read_series_by_series) {
    Registry registry;
    registry
        .counter("orders_total", "Orders",
                 {
                     {"status", "5xx"},
                     {"route",  "/b" }
    })
        .add(3);
    registry.counter("orders_total", "Orders",
                     {
                         {"route", "/a"}
    });
    Histogram& latency = registry.histogram("latency_seconds", "Time");
    latency.observe(std::chrono::milliseconds(3));
    const Gauge gauge = registry.gauge("depth", "Depth", {}, [] { return 7.5; });

    const std::vector<Reading> orders = registry.read("orders_total");
    ASSERT_EQ(orders.size(), 2U);
    EXPECT_EQ(orders[0].label("route"), "/a");
    EXPECT_EQ(orders[0].label("status"), "");
    EXPECT_EQ(orders[1].label("status"), "5xx");
    EXPECT_EQ(orders[1].value, 3.0);

    const std::vector<Reading> times = registry.read("latency_seconds");
    ASSERT_EQ(times.size(), 1U);
    EXPECT_EQ(times[0].value, 1.0);
    EXPECT_EQ(times[0].histogram.count, 1U);
    EXPECT_EQ(registry.read("depth").at(0).value, 7.5);
    EXPECT_TRUE(registry.read("nothing").empty());
}

}  // namespace
}  // namespace souk::metrics
