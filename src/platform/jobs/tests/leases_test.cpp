// Jobs whose process ends, whose lease runs out, that several runners share, that come back for
// ever.
#include "platform/jobs/tests/jobs_test.h"

#include <thread>

namespace souk::jobs {

TEST_P(JobsTest, work_of_a_runner_that_ended_is_taken_by_another_after_the_lease) {
    desk_.hold();
    auto dead = runner({desk_.kind("send")});
    add("send", "hello");
    dead->wake();
    ASSERT_TRUE(comes_true([this] { return desk_.begun() == 1; }));
    dead.reset();

    Desk successor;
    const auto next = other_runner({successor.kind("send")});
    advance(*next, 59s);
    EXPECT_EQ(successor.begun(), 0);
    advance(*next, 1s);
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(successor.attempts(), std::vector<int>{1});
}

TEST_P(JobsTest, a_job_that_ends_its_process_again_and_again_is_given_up) {
    desk_.hold();
    add("send", "poison");
    for (int i = 1; i <= 11; ++i) {
        const auto dead = runner({desk_.kind("send")});
        ASSERT_TRUE(comes_true([&] { return desk_.begun() == i; }));
        clock_.advance(61s);
    }
    const auto last = runner({desk_.kind("send", {10s, 10s})});
    EXPECT_TRUE(comes_true([&] { return wait(last->figures()).given_up == 1; }));
    EXPECT_EQ(desk_.begun(), 11);
    EXPECT_EQ(desk_.nexts(), (std::vector<std::optional<core::Time>>{std::nullopt}));
}

TEST_P(JobsTest, what_ends_after_its_runner_changes_nothing) {
    desk_.hold();
    auto dead = runner({desk_.kind("send")});
    add("send", "hello");
    dead->wake();
    ASSERT_TRUE(comes_true([this] { return desk_.begun() == 1; }));
    dead.reset();
    desk_.release();
    ASSERT_TRUE(comes_true([this] { return desk_.done().size() == 1; }));
    const auto next = runner({desk_.kind("send")});
    settle(*next);
    EXPECT_EQ(number("SELECT count(*) FROM jobs WHERE lease_owner IS NOT NULL"), 1);
}

TEST_P(JobsTest, work_that_outlives_its_lease_is_not_begun_again_by_its_own_runner) {
    desk_.hold();
    const auto one = runner({desk_.kind("send")});
    add("send", "hello");
    settle(*one);
    advance(*one, 1h);
    EXPECT_EQ(desk_.begun(), 1);
    desk_.release();
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.begun(), 1);
}

TEST_P(JobsTest, who_has_lost_the_lease_does_not_end_the_job_of_who_has_it) {
    desk_.hold();
    const auto slow = runner({desk_.kind("send")});
    add("send", "hello");
    settle(*slow);
    clock_.advance(61s);
    Desk second;
    second.hold();
    const auto other = other_runner({second.kind("send")});
    ASSERT_TRUE(comes_true([&] { return second.begun() == 1; }));

    desk_.release();
    ASSERT_TRUE(comes_true([this] { return desk_.done().size() == 1; }));
    settle(*slow);
    EXPECT_EQ(rows(), 1);
    second.release();
    EXPECT_TRUE(is_empty_soon());
    EXPECT_TRUE(slow->stop(20s) && other->stop(20s));
    EXPECT_EQ(counted("send", "done"), 1U);
}

TEST_P(JobsTest, who_has_lost_the_lease_does_not_tell_of_a_failure) {
    desk_.hold();
    desk_.fail_always();
    const auto slow = runner({desk_.kind("send", {10s})});
    add("send", "hello");
    settle(*slow);
    clock_.advance(61s);
    Desk second;
    const auto other = other_runner({second.kind("send")});
    ASSERT_TRUE(is_empty_soon());
    desk_.release();
    EXPECT_TRUE(slow->stop(20s));
    EXPECT_TRUE(desk_.nexts().empty());
}

TEST_P(JobsTest, two_runners_share_a_thousand_jobs_and_each_is_done_once) {
    std::vector<db::Statement> thousand;
    for (int i = 0; i < 1000; ++i)
        thousand.push_back(enqueue("send", std::to_string(i), clock_.now()));
    wait(db_->write_all(std::move(thousand)));
    Desk second;
    const auto one = runner({desk_.kind("send")}, {.at_once_max = 50});
    const auto other = other_runner({second.kind("send")}, {.at_once_max = 50});
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.begun() + second.begun(), 1000);
    EXPECT_GT(desk_.begun(), 0);
    EXPECT_GT(second.begun(), 0);
    EXPECT_EQ(desk_.done().size() + second.done().size(), 1000U);
}

TEST_P(JobsTest, jobs_that_others_left_are_found_without_being_woken) {
    const auto one = runner({desk_.kind("send")}, {.poll = 10ms});
    settle(*one);
    add("send", "hello");
    EXPECT_TRUE(is_empty_soon());
}

TEST_P(JobsTest, a_kind_that_is_done_for_ever_has_one_row_and_its_times) {
    Kind hourly = desk_.kind("sweep");
    hourly.every = 1h;
    const auto one = runner({hourly});
    const auto other = other_runner({hourly});
    ASSERT_TRUE(comes_true([this] { return counted("sweep", "done") == 1; }));
    advance(*one, 59min);
    EXPECT_EQ(desk_.begun(), 1);
    advance(*one, 1min);
    ASSERT_TRUE(comes_true([this] { return counted("sweep", "done") == 2; }));
    EXPECT_EQ(rows(), 1);
    EXPECT_EQ(wait(one->figures()).waiting, 0);
}

TEST_P(JobsTest, a_kind_that_is_done_for_ever_is_never_given_up) {
    Kind hourly = desk_.kind("sweep", {60s});
    hourly.every = 1h;
    desk_.fail_always();
    const auto one = runner({hourly});
    ASSERT_TRUE(comes_true([this] { return counted("sweep", "retried") == 1; }));
    advance(*one, 66s);
    ASSERT_TRUE(comes_true([this] { return counted("sweep", "retried") == 2; }));
    EXPECT_EQ(desk_.nexts().back(), clock_.now() + 1h);
    desk_.recover();
    advance(*one, 1h);
    ASSERT_TRUE(comes_true([this] { return counted("sweep", "done") == 1; }));
    EXPECT_EQ(desk_.attempts(), (std::vector<int>{1, 2, 1}));
}

TEST_P(JobsTest, a_schedule_that_became_shorter_holds_at_once) {
    Kind sweep = desk_.kind("sweep");
    sweep.every = 24h;
    auto before = runner({sweep});
    ASSERT_TRUE(comes_true([this] { return counted("sweep", "done") == 1; }));
    before.reset();
    sweep.every = 1min;
    const auto after = runner({sweep});
    settle(*after);
    EXPECT_EQ(desk_.begun(), 1);
    advance(*after, 1min);
    EXPECT_TRUE(comes_true([this] { return desk_.begun() == 2; }));
}

TEST_P(JobsTest, stopping_waits_for_what_runs_and_takes_nothing_new) {
    desk_.hold();
    const auto one = runner({desk_.kind("send")}, {.at_once_max = 1});
    add("send", "held");
    one->wake();
    ASSERT_TRUE(comes_true([this] { return desk_.begun() == 1; }));
    add("send", "later");
    EXPECT_FALSE(one->stop(1ms));
    desk_.release();
    EXPECT_TRUE(one->stop(20s));
    EXPECT_EQ(desk_.done(), (std::map<std::string, int>{
                                {"held", 1}
    }));
    EXPECT_EQ(rows(), 1);
}

TEST_P(JobsTest, a_runner_can_end_at_any_moment) {
    for (int i = 0; i < 20; ++i) add("send", std::to_string(i));
    for (int i = 0; i < 20; ++i) {
        const auto one = runner({desk_.kind("send")}, {.at_once_max = 2});
        for (int turn = 0; turn < i * 20; ++turn) std::this_thread::yield();
    }
    clock_.advance(61s);
    const auto last = runner({desk_.kind("send")});
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.done().size(), 20U);
}

}  // namespace souk::jobs
