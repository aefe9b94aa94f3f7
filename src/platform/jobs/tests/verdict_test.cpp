#include "platform/jobs/verdict.h"

#include "platform/testing/seeded_random.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

namespace souk::jobs {
namespace {

using namespace std::chrono_literals;
using Outcome = Verdict::Outcome;

constexpr core::Time now{1'700'000'000s};

Kind contact() {
    Kind kind;
    kind.name = "contact.forward";
    kind.retry_after = {60s, 300s};
    return kind;
}

TEST(Verdict, retries_follow_the_list_and_then_it_is_given_up) {
    souk::testing::SeededRandom random;
    EXPECT_EQ(after_failure(contact(), 1, "down", now, random).outcome, Outcome::retried);
    EXPECT_EQ(after_failure(contact(), 2, "down", now, random).outcome, Outcome::retried);
    const Verdict last = after_failure(contact(), 3, "down", now, random);
    EXPECT_EQ(last.outcome, Outcome::given_up);
    EXPECT_EQ(last.next(), std::nullopt);
    EXPECT_EQ(last.why, "down");
}

TEST(Verdict, jitter_is_a_tenth_at_most_and_differs) {
    souk::testing::SeededRandom random;
    std::set<core::Time> times;
    for (int i = 0; i < 1000; ++i) {
        const core::Time next = after_failure(contact(), 2, "down", now, random).when;
        EXPECT_GE(next - now, 270s);
        EXPECT_LE(next - now, 330s);
        times.insert(next);
    }
    EXPECT_GT(times.size(), 900U);
    EXPECT_LT(*times.begin() - now, 275s);
    EXPECT_GT(*times.rbegin() - now, 325s);
}

TEST(Verdict, a_failure_without_a_reason_is_a_failure) {
    souk::testing::SeededRandom random;
    EXPECT_FALSE(after_failure(contact(), 1, "", now, random).why.empty());
}

TEST(Verdict, what_is_done_for_ever_has_a_next_time_whatever_happens) {
    souk::testing::SeededRandom random;
    Kind hourly = contact();
    hourly.every = 1h;
    for (const Verdict& verdict :
         {after_success(hourly, now), after_failure(hourly, 3, "down", now, random),
          after_losses(hourly, now)}) {
        EXPECT_EQ(verdict.outcome, Outcome::next_round);
        EXPECT_EQ(verdict.next(), now + 1h);
    }
    EXPECT_EQ(after_failure(hourly, 1, "down", now, random).outcome, Outcome::retried);
}

TEST(Verdict, what_is_lost_too_often_is_given_up) {
    EXPECT_EQ(after_losses(contact(), now).outcome, Outcome::given_up);
    EXPECT_FALSE(after_losses(contact(), now).why.empty());
}

}  // namespace
}  // namespace souk::jobs
