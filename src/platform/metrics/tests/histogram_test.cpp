#include "platform/metrics/histogram.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace souk::metrics {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(Histogram, each_bucket_holds_what_is_at_most_its_bound) {
    Histogram histogram;

    histogram.observe(nanoseconds(-5));
    histogram.observe(microseconds(50));
    histogram.observe(nanoseconds(50'001));
    histogram.observe(milliseconds(10'000));
    histogram.observe(hours(1));

    const Histogram::Snapshot all = histogram.snapshot();
    EXPECT_EQ(all.counts.front(), 2U);
    EXPECT_EQ(all.counts[1], 1U);
    EXPECT_EQ(all.counts[Histogram::buckets - 2], 1U);
    EXPECT_EQ(all.counts.back(), 1U);
    EXPECT_EQ(all.count, 5U);
}

TEST(Histogram, sums_what_many_threads_observe) {
    constexpr std::size_t threads = shards + 3;
    constexpr std::size_t observations = 5'000;
    Histogram histogram;

    {
        std::vector<std::jthread> all;
        for (std::size_t n = 0; n < threads; ++n) {
            all.emplace_back([&histogram] {
                for (std::size_t i = 0; i < observations; ++i) histogram.observe(milliseconds(2));
            });
        }
    }

    const Histogram::Snapshot all = histogram.snapshot();
    EXPECT_EQ(all.count, threads * observations);
    EXPECT_DOUBLE_EQ(all.sum_seconds, 0.002 * static_cast<double>(threads * observations));
}

TEST(Histogram, quantiles_are_read_from_the_buckets) {
    Histogram histogram;
    EXPECT_EQ(histogram.quantile(0.99), nanoseconds(0));

    for (int n = 0; n < 90; ++n) histogram.observe(microseconds(40));
    for (int n = 0; n < 10; ++n) histogram.observe(milliseconds(15));

    EXPECT_EQ(histogram.quantile(0.9), microseconds(50));
    EXPECT_EQ(histogram.quantile(0.95), milliseconds(15));
    EXPECT_EQ(histogram.quantile(1), milliseconds(20));
    EXPECT_EQ(histogram.quantile(7), milliseconds(20));
}

TEST(Histogram, what_was_observed_since_has_quantiles_of_its_own) {
    Histogram histogram;
    for (int n = 0; n < 90; ++n) histogram.observe(microseconds(40));
    const Histogram::Snapshot before = histogram.snapshot();

    for (int n = 0; n < 10; ++n) histogram.observe(milliseconds(15));
    const Histogram::Snapshot since = histogram.snapshot().since(before);

    EXPECT_EQ(since.count, 10U);
    EXPECT_NEAR(since.sum_seconds, 0.15, 1e-9);
    EXPECT_EQ(since.quantile(0.5), milliseconds(15));
    EXPECT_EQ(before.since(before).quantile(0.5), nanoseconds(0));
}

TEST(Histogram, a_quantile_past_the_last_bound_is_the_last_bound) {
    Histogram histogram;

    histogram.observe(hours(1));

    EXPECT_EQ(histogram.quantile(0.5), milliseconds(10'000));
}

}  // namespace
}  // namespace souk::metrics
