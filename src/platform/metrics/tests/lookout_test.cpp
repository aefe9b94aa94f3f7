#include "platform/metrics/lookout.h"

#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <utility>

namespace souk::metrics {
namespace {

using namespace std::chrono_literals;
using testing::comes_true;
using testing::OnLoop;

class LookoutTest : public ::testing::Test {
protected:
    LookoutTest()
        : running_(loop_.start(
              lookout_.run({.can_look =
                                [this] {
                                    ++turns_;
                                    return can_look_.load();
                                },
                            .look = [this] { return look(); },
                            .complain = [this](const std::exception&) { ++complaints_; }}))) {}
    ~LookoutTest() override {
        lookout_.stop();
        OnLoop::finish(std::move(running_));
    }

    core::Task<> look() {
        ++looks_;
        if (fails_) throw std::runtime_error("no table");
        co_return;
    }
    // How often it has looked once it has had every reason to.
    int looks_in_the_end() {
        const int before = turns_;
        EXPECT_TRUE(comes_true([&] { return turns_ >= before + 2; }));
        return looks_;
    }
    void watch_for_five_seconds() {
        lookout_.note_watcher();
        clock_.advance(5s);
    }

    testing::FixedClock clock_;
    Lookout lookout_{clock_};
    OnLoop loop_;
    std::atomic<int> turns_{0};
    std::atomic<int> looks_{0};
    std::atomic<int> complaints_{0};
    std::atomic<bool> can_look_{true};
    std::atomic<bool> fails_{false};
    std::future<void> running_;
};

TEST_F(LookoutTest, nobody_watches_and_nothing_is_looked_up) {
    clock_.advance(1h);
    EXPECT_EQ(looks_in_the_end(), 0);
}

TEST_F(LookoutTest, it_looks_every_five_seconds_while_somebody_watches) {
    watch_for_five_seconds();
    EXPECT_EQ(looks_in_the_end(), 1);
    lookout_.note_watcher();
    clock_.advance(4s);
    EXPECT_EQ(looks_in_the_end(), 1);
    clock_.advance(1s);
    EXPECT_EQ(looks_in_the_end(), 2);
    clock_.advance(1h);
    EXPECT_EQ(looks_in_the_end(), 2) << "nobody has asked since";
}

TEST_F(LookoutTest, what_has_changed_is_looked_up_at_once) {
    lookout_.look_again();
    EXPECT_EQ(looks_in_the_end(), 1);
    lookout_.look_again();
    EXPECT_EQ(looks_in_the_end(), 2);
}

TEST_F(LookoutTest, what_cannot_be_looked_up_yet_is_looked_up_later) {
    can_look_ = false;
    lookout_.look_again();
    EXPECT_EQ(looks_in_the_end(), 0);
    can_look_ = true;
    EXPECT_EQ(looks_in_the_end(), 1);
}

TEST_F(LookoutTest, of_failures_in_a_row_one_is_complained_about) {
    fails_ = true;
    for (int i = 1; i <= 3; ++i) {
        lookout_.look_again();
        EXPECT_EQ(looks_in_the_end(), i);
    }
    EXPECT_EQ(complaints_, 1);
    fails_ = false;
    lookout_.look_again();
    EXPECT_EQ(looks_in_the_end(), 4);
    fails_ = true;
    lookout_.look_again();
    EXPECT_EQ(looks_in_the_end(), 5);
    EXPECT_EQ(complaints_, 2);
}

}  // namespace
}  // namespace souk::metrics
