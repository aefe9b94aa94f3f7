#include "platform/cache/windows.h"

#include "platform/testing/fixed_clock.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::cache {
namespace {

using namespace std::chrono_literals;

TEST(Windows, as_many_as_allowed_are_counted_and_the_next_is_told_how_long_to_wait) {
    testing::FixedClock clock;
    Windows windows(clock);
    const std::vector<Limit> limits{
        {"ip:a", 2, 60s}
    };

    EXPECT_EQ(windows.admit(limits), 0s);
    clock.advance(10s);
    EXPECT_EQ(windows.admit(limits), 0s);
    EXPECT_EQ(windows.admit(limits), 50s);
    EXPECT_EQ(windows.admit({
                  {"ip:b", 2, 60s}
    }),
              0s);
}

TEST(Windows, the_window_rolls) {
    testing::FixedClock clock;
    Windows windows(clock);
    const std::vector<Limit> limits{
        {"ip:a", 2, 60s}
    };
    windows.admit(limits);
    clock.advance(40s);
    windows.admit(limits);

    clock.advance(20s);  // the first is just over
    EXPECT_EQ(windows.admit(limits), 0s);
    EXPECT_EQ(windows.admit(limits), 40s);
}

TEST(Windows, less_than_a_second_is_a_whole_one) {
    testing::FixedClock clock;
    Windows windows(clock);
    windows.admit({
        {"ip:a", 1, 60s}
    });
    clock.advance(59'999ms);
    EXPECT_EQ(windows.admit({
                  {"ip:a", 1, 60s}
    }),
              1s);
}

TEST(Windows, it_is_counted_under_all_keys_or_under_none) {
    testing::FixedClock clock;
    Windows windows(clock);
    const Limit email{"email:a", 1, 30s};
    windows.admit({email});

    EXPECT_EQ(windows.admit({
                  {"ip:a", 1, 60s},
                  email
    }),
              30s);
    EXPECT_EQ(windows.admit({
                  {"ip:a", 1, 60s}
    }),
              0s);
    EXPECT_EQ(windows.admit({
                  {"ip:a", 1, 60s},
                  email
    }),
              60s);
}

TEST(Windows, a_limit_of_nothing_admits_nothing) {
    testing::FixedClock clock;
    Windows windows(clock);
    EXPECT_EQ(windows.admit({
                  {"ip:a", 0, 60s}
    }),
              60s);
    EXPECT_EQ(windows.keys(), 0U);
}

TEST(Windows, keys_whose_window_is_over_are_forgotten) {
    testing::FixedClock clock;
    Windows windows(clock);
    for (int i = 0; i < 100; ++i)
        windows.admit({
            {"ip:" + std::to_string(i), 1, 60s}
        });
    EXPECT_EQ(windows.keys(), 100U);

    clock.advance(60s);
    windows.admit({
        {"ip:new", 1, 60s}
    });
    EXPECT_EQ(windows.keys(), 1U);
}

TEST(Windows, of_too_many_keys_the_longest_not_counted_is_forgotten) {
    testing::FixedClock clock;
    Windows windows(clock, 3);
    for (const char* key : {"a", "b", "c", "d"})
        windows.admit({
            {key, 1, 60s}
        });

    EXPECT_EQ(windows.keys(), 3U);
    EXPECT_EQ(windows.admit({
                  {"b", 1, 60s}
    }),
              60s);
    EXPECT_EQ(windows.admit({
                  {"a", 1, 60s}
    }),
              0s);
}

}  // namespace
}  // namespace souk::cache
