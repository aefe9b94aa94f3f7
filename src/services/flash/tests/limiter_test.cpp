#include "services/flash/limiter.h"

#include "platform/testing/fixed_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

int take_all(Limiter& limiter, int attempts = 1'000) {
    int taken = 0;
    for (int i = 0; i < attempts; ++i) taken += limiter.take() ? 1 : 0;
    return taken;
}

TEST(Limiter, a_full_bucket_gives_a_burst_of_exactly_its_capacity) {
    const testing::FixedClock clock;
    Limiter limiter(50, clock);

    EXPECT_EQ(limiter.limit(), 50);
    EXPECT_EQ(limiter.remaining(), 50);
    EXPECT_EQ(limiter.until_next(), 0ms);
    EXPECT_EQ(take_all(limiter), 50);
    EXPECT_EQ(limiter.remaining(), 0);
    EXPECT_EQ(limiter.until_next(), 20ms);
}

TEST(Limiter, tokens_come_back_one_by_one_and_continuously) {
    testing::FixedClock clock;
    Limiter limiter(50, clock);
    take_all(limiter);

    clock.advance(19'999us);
    EXPECT_FALSE(limiter.take());
    EXPECT_EQ(limiter.remaining(), 0);
    EXPECT_EQ(limiter.until_next(), 1ms);
    clock.advance(1us);
    EXPECT_EQ(limiter.remaining(), 1);
    EXPECT_EQ(limiter.until_next(), 0ms);
    EXPECT_TRUE(limiter.take());
    EXPECT_FALSE(limiter.take());
    clock.advance(205ms);
    EXPECT_EQ(limiter.remaining(), 10);
    EXPECT_EQ(take_all(limiter), 10);
    clock.advance(15ms);
    EXPECT_EQ(take_all(limiter), 1) << "the 5 ms beyond the tenth token are not lost";
}

TEST(Limiter, a_refusal_takes_no_token) {
    testing::FixedClock clock;
    Limiter limiter(10, clock);
    take_all(limiter, 100'000);

    clock.advance(100ms);

    EXPECT_EQ(take_all(limiter), 1);
}

TEST(Limiter, at_most_two_capacities_pass_in_the_first_second) {
    testing::FixedClock clock;
    Limiter limiter(50, clock);
    int taken = 0;
    for (int ms = 0; ms < 1'000; ++ms) {
        taken += take_all(limiter, 10);
        clock.advance(1ms);
    }
    EXPECT_GE(taken, 98);
    EXPECT_LE(taken, 100);
}

TEST(Limiter, a_long_pause_fills_the_bucket_and_not_more) {
    testing::FixedClock clock;
    Limiter limiter(50, clock);
    take_all(limiter, 7);

    clock.advance(24h * 365 * 50);

    EXPECT_EQ(limiter.remaining(), 50);
    EXPECT_EQ(take_all(limiter), 50);
}

TEST(Limiter, zero_switches_it_off) {
    const testing::FixedClock clock;
    Limiter limiter(0, clock);

    EXPECT_EQ(take_all(limiter, 10'000), 10'000);
    EXPECT_EQ(limiter.limit(), 0);
    EXPECT_EQ(limiter.remaining(), -1);
    EXPECT_EQ(limiter.until_next(), 0ms);
}

TEST(Limiter, limits_that_do_not_divide_a_second_are_kept) {
    for (const std::int64_t limit : {1, 3, 7, 333, 10'000, 123'457}) {
        testing::FixedClock clock;
        Limiter limiter(limit, clock);
        EXPECT_EQ(limiter.remaining(), limit);
        EXPECT_EQ(take_all(limiter, 200'000), limit);
        clock.advance(1s);
        EXPECT_EQ(limiter.remaining(), limit);
        EXPECT_EQ(take_all(limiter, 200'000), limit);
    }
}

TEST(Limiter, the_largest_limit_that_can_be_set_works) {
    testing::FixedClock clock;
    Limiter limiter(1'000'000'000, clock);
    EXPECT_EQ(take_all(limiter, 1'000), 1'000);
    EXPECT_EQ(limiter.remaining(), 999'999'000);
    EXPECT_EQ(limiter.until_next(), 0ms);
}

TEST(Limiter, many_threads_take_exactly_the_capacity) {
    testing::FixedClock clock;
    Limiter limiter(20'000, clock);
    for (int round = 0; round < 3; ++round) {
        std::atomic<int> taken = 0;
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&limiter, &taken] { taken += take_all(limiter, 5'000); });
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(taken, 20'000);
        clock.advance(1s);
    }
}

}  // namespace
}  // namespace souk::flash
