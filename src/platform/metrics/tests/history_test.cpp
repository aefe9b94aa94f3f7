#include "platform/metrics/history.h"

#include <gtest/gtest.h>

namespace souk::metrics {
namespace {

struct Sample {
    std::uint64_t tick;
};

std::vector<std::uint64_t> ticks(const std::vector<Sample>& samples) {
    std::vector<std::uint64_t> all;
    for (const Sample& each : samples) all.push_back(each.tick);
    return all;
}

using Numbers = std::vector<std::uint64_t>;

TEST(History, whoever_watches_gets_what_came_since) {
    History<Sample> history(10);
    EXPECT_TRUE(history.of({}).empty());
    for (std::uint64_t tick = 1; tick <= 4; ++tick) history.add({tick});

    EXPECT_EQ(ticks(history.of({})), (Numbers{1, 2, 3, 4}));
    EXPECT_EQ(ticks(history.of({.after = 3})), Numbers{4});
    EXPECT_EQ(ticks(history.of({.after = 1, .last = 3})), (Numbers{2, 3}));
    EXPECT_TRUE(history.of({.after = 4}).empty());
    EXPECT_TRUE(history.of({.after = 0, .last = 0}).empty());
}

TEST(History, the_oldest_samples_go) {
    History<Sample> history(3);
    for (std::uint64_t tick = 1; tick <= 5; ++tick) history.add({tick});

    EXPECT_EQ(ticks(history.of({})), (Numbers{3, 4, 5}));
    EXPECT_EQ(ticks(history.of({.after = 1})), (Numbers{3, 4, 5}));
}

}  // namespace
}  // namespace souk::metrics
