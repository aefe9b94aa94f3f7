// A database that fails: nothing is lost, and nothing is done twice within a lease.
#include "platform/jobs/tests/jobs_test.h"

#include <stdexcept>
#include <utility>

namespace souk::jobs {

using souk::testing::Failing;

namespace {

core::Task<> refuse() {
    throw core::Unavailable("not now");
    co_return;
}

core::Task<> check_still_waiting(db::Database& db) {
    const db::Rows rows = co_await db.read("SELECT state FROM jobs");
    EXPECT_EQ(rows[0][0], db::Value("waiting"));
}

}  // namespace

void JobsTest::pass(Runner& one, std::chrono::microseconds time) {
    clock_.advance(time);
    one.wake();
}

bool JobsTest::survives(int n, Failing how) {
    Desk sure;
    Desk risky;
    risky.fail_always();
    for (const char* payload : {"one", "two"}) add("send", payload);
    add("risk", "three");
    const std::uint64_t sent = counted("send", "done") + 2;
    const std::uint64_t retried = counted("risk", "retried") + 1;
    const std::uint64_t risked = counted("risk", "done") + 1;
    db_->fail_nth(n, how);
    const auto one = runner({sure.kind("send"), risky.kind("risk", {1h})});
    bool has_passed = how != Failing::lost_answer;
    EXPECT_TRUE(comes_true([&] {
        // What the runner does not know it has taken comes back with the end of the lease.
        if (db_->failures() > 0 && !std::exchange(has_passed, true)) pass(*one, 61s);
        return counted("send", "done") == sent && counted("risk", "retried") == retried;
    }));
    risky.recover();
    EXPECT_TRUE(comes_true([&] {
        pass(*one, 10min);
        return counted("risk", "done") == risked;
    }));
    EXPECT_TRUE(one->stop(20s));
    const bool has_failed = db_->failures() > 0;
    db_->heal();
    EXPECT_EQ(rows(), 0);
    EXPECT_EQ(sure.done(), (std::map<std::string, int>{
                               {"one", 1},
                               {"two", 1}
    }));
    EXPECT_EQ(risky.done(), (std::map<std::string, int>{
                                {"three", 1}
    }));
    return !has_failed;
}

void JobsTest::sweep(Failing how) {
    for (int n = 0; n < 100; ++n) {
        SCOPED_TRACE("call number " + std::to_string(n) + " fails");
        if (survives(n, how)) return;
        if (HasFailure()) return;
    }
    FAIL() << "still failing after 100 calls";
}

TEST_P(JobsTest, whichever_call_fails_each_job_is_done_once) { sweep(Failing::unavailable); }

TEST_P(JobsTest, whichever_answer_is_lost_each_job_is_done_once) { sweep(Failing::lost_answer); }

TEST_P(JobsTest, while_the_database_is_down_nothing_is_done_and_nothing_lost) {
    add("send", "hello");
    db_->fail_from(0, Failing::unavailable);
    const auto one = runner({desk_.kind("send")});
    ASSERT_TRUE(comes_true([this] { return db_->failures() >= 2; }));
    EXPECT_EQ(desk_.begun(), 0);
    db_->heal();
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.begun(), 1);
}

TEST_P(JobsTest, what_was_done_while_the_database_went_down_is_not_done_again) {
    desk_.hold();
    const auto one = runner({desk_.kind("send")});
    add("send", "hello");
    settle(*one);
    db_->fail_from(0, Failing::unavailable);
    desk_.release();
    ASSERT_TRUE(comes_true([this] { return desk_.done().size() == 1 && db_->failures() >= 2; }));
    db_->heal();
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.begun(), 1);
}

TEST_P(JobsTest, a_runner_stops_while_the_database_is_down) {
    desk_.hold();
    const auto one = runner({desk_.kind("send")});
    add("send", "hello");
    settle(*one);
    db_->fail_from(0, Failing::unavailable);
    desk_.release();
    ASSERT_TRUE(comes_true([this] { return db_->failures() >= 2; }));
    EXPECT_TRUE(one->stop(20s));
    db_->heal();
    EXPECT_EQ(rows(), 1);
}

TEST_P(JobsTest, failed_is_told_until_it_hears_and_before_the_row_says_so) {
    std::atomic<int> told = 0;
    Kind kind = desk_.kind("send");
    kind.failed = [this, &told](Job, std::string, std::optional<core::Time>) {
        return told++ == 0 ? refuse() : check_still_waiting(*db_);
    };
    desk_.fail_always();
    const auto one = runner({kind});
    add("send", "hello");
    one->wake();
    EXPECT_TRUE(comes_true([&] { return counted("send", "given_up") == 1; }));
    EXPECT_EQ(told, 2);
    EXPECT_EQ(desk_.begun(), 1);
}

TEST_P(JobsTest, a_mistake_in_failed_does_not_hold_the_job) {
    Kind kind = desk_.kind("send");
    kind.failed = [](Job, std::string, std::optional<core::Time>) -> core::Task<> {
        throw std::logic_error("a mistake");
        co_return;
    };
    desk_.fail_always();
    const auto one = runner({kind});
    add("send", "hello");
    one->wake();
    EXPECT_TRUE(comes_true([&] { return wait(one->figures()).given_up == 1; }));
}

TEST_P(JobsTest, a_reason_may_hold_any_bytes_and_is_bounded) {
    Kind kind = desk_.kind("send");
    kind.work = [](Job) -> core::Task<> {
        throw std::runtime_error("\xFF\x01 " + std::string(100'000, 'x'));
        co_return;
    };
    const auto one = runner({kind});
    add("send", "hello");
    one->wake();
    EXPECT_TRUE(comes_true([&] { return wait(one->figures()).given_up == 1; }));
    const std::string kept = db::text(wait(db_->read("SELECT last_error FROM jobs"))[0][0]);
    EXPECT_LT(kept.size(), 1000U);
    EXPECT_EQ(kept, desk_.reasons().back());
}

}  // namespace souk::jobs
