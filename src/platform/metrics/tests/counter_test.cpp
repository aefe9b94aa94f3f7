#include "platform/metrics/counter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace souk::metrics {
namespace {

TEST(Counter, begins_at_zero_and_adds) {
    Counter counter;

    counter.add();
    counter.add(41);

    EXPECT_EQ(counter.value(), 42U);
}

TEST(Counter, loses_nothing_with_more_threads_than_shards) {
    constexpr std::size_t threads = shards * 2;
    constexpr std::uint64_t additions = 10'000;
    Counter counter;

    {
        std::vector<std::jthread> all;
        for (std::size_t n = 0; n < threads; ++n) {
            all.emplace_back([&counter] {
                for (std::uint64_t i = 0; i < additions; ++i) counter.add();
            });
        }
        // Reading beside the writers never sees more than there is.
        EXPECT_LE(counter.value(), threads * additions);
    }

    EXPECT_EQ(counter.value(), threads * additions);
}

}  // namespace
}  // namespace souk::metrics
