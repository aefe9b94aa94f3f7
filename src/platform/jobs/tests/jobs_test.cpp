#include "platform/jobs/tests/jobs_test.h"

#include <stdexcept>
#include <thread>

namespace souk::jobs {

Kind Desk::kind(std::string name, std::vector<std::chrono::seconds> retry_after) {
    Kind kind;
    kind.name = std::move(name);
    kind.retry_after = std::move(retry_after);
    kind.work = [this](Job job) { return work(*this, std::move(job)); };
    kind.failed = [this](Job, std::string why, std::optional<core::Time> next) {
        return note_failure(*this, std::move(why), next);
    };
    return kind;
}

core::Task<> Desk::work(Desk& desk, Job job) {
    std::shared_ptr<core::Event> open;
    {
        const std::lock_guard lock(desk.mutex_);
        desk.attempts_.push_back(job.attempt);
        open = desk.open_;
    }
    ++desk.begun_;
    if (open) co_await open->wait(1h);
    if (desk.fails_) throw std::runtime_error("the desk is closed");
    const std::lock_guard lock(desk.mutex_);
    ++desk.done_[job.payload];
}

core::Task<> Desk::note_failure(Desk& desk, std::string why, std::optional<core::Time> next) {
    const std::lock_guard lock(desk.mutex_);
    desk.reasons_.push_back(std::move(why));
    desk.nexts_.push_back(next);
    co_return;
}

void Desk::hold() {
    const std::lock_guard lock(mutex_);
    open_ = std::make_shared<core::Event>();
}

void Desk::release() {
    const std::lock_guard lock(mutex_);
    if (const std::shared_ptr<core::Event> open = std::exchange(open_, nullptr)) open->set();
}

std::map<std::string, int> Desk::done() const {
    const std::lock_guard lock(mutex_);
    return done_;
}

std::vector<int> Desk::attempts() const {
    const std::lock_guard lock(mutex_);
    return attempts_;
}

std::vector<std::optional<core::Time>> Desk::nexts() const {
    const std::lock_guard lock(mutex_);
    return nexts_;
}

std::vector<std::string> Desk::reasons() const {
    const std::lock_guard lock(mutex_);
    return reasons_;
}

JobsTest::JobsTest()
    : place_(GetParam().fresh_place()),
      db_(std::make_unique<souk::testing::FlakyDatabase>(db::open(place_))) {
    wait(db_->migrate(migrations()));
}

JobsTest::~JobsTest() {
    desk_.release();
    marks_.release();
}

std::unique_ptr<Runner> JobsTest::started(core::Loop& loop, std::vector<Kind> kinds,
                                          Runner::Options options) {
    kinds.push_back(marks_.kind("mark"));
    options.service = "test";
    const Deps deps{*db_, loop, clock_, random_, metrics_};
    auto runner = std::make_unique<Runner>(std::move(options), deps, std::move(kinds));
    runner->start();
    return runner;
}

std::unique_ptr<Runner> JobsTest::runner(std::vector<Kind> kinds, Runner::Options options) {
    return started(working_, std::move(kinds), std::move(options));
}

std::unique_ptr<Runner> JobsTest::other_runner(std::vector<Kind> kinds, Runner::Options options) {
    return started(other_, std::move(kinds), std::move(options));
}

void JobsTest::add(const std::string& kind, const std::string& payload) {
    wait(db_->write_all({enqueue(kind, payload, clock_.now())}));
}

// A mark is due last, so it is taken after or with everything else that is.
void JobsTest::settle(Runner& one) {
    add("mark", "");
    one.wake();
    EXPECT_TRUE(comes_true(
        [this] { return number("SELECT count(*) FROM jobs WHERE kind = 'mark'") == 0; }));
}

void JobsTest::advance(Runner& one, std::chrono::microseconds by) {
    clock_.advance(by);
    settle(one);
}

std::int64_t JobsTest::number(db::Sql sql) { return db::integer(wait(db_->read(sql))[0][0]); }

std::uint64_t JobsTest::counted(const std::string& kind, const std::string& outcome) const {
    double all = 0;
    for (const metrics::Reading& each : metrics_.read("souk_jobs_total")) {
        if (each.label("kind") == kind && each.label("outcome") == outcome) all += each.value;
    }
    return static_cast<std::uint64_t>(all);
}

TEST_P(JobsTest, a_job_is_done_once_and_its_row_goes) {
    const auto one = runner({desk_.kind("send")});
    add("send", "hello");
    one->wake();
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.done(), (std::map<std::string, int>{
                                {"hello", 1}
    }));
    EXPECT_TRUE(comes_true([this] { return counted("send", "done") == 1; }));
}

TEST_P(JobsTest, what_was_there_before_the_start_is_done) {
    for (int i = 0; i < 30; ++i) add("send", std::to_string(i));
    const auto one = runner({desk_.kind("send")}, {.at_once_max = 2});
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.done().size(), 30U);
    EXPECT_EQ(desk_.begun(), 30);
}

TEST_P(JobsTest, at_most_so_many_run_at_once) {
    desk_.hold();
    for (int i = 0; i < 10; ++i) add("send", std::to_string(i));
    const auto one = runner({desk_.kind("send")}, {.at_once_max = 3});
    EXPECT_TRUE(comes_true([this] { return desk_.begun() == 3; }));
    one->wake();
    EXPECT_EQ(number("SELECT count(*) FROM jobs WHERE lease_owner IS NOT NULL"), 3);
    desk_.release();
    EXPECT_TRUE(is_empty_soon());
}

TEST_P(JobsTest, a_job_exists_if_and_only_if_its_transaction_commits) {
    const auto write = [](db::Database& db, bool commits, core::Time now) -> core::Task<> {
        db::Transaction transaction = co_await db.begin();
        co_await transaction.run(enqueue("send", commits ? "kept" : "dropped", now));
        if (commits) co_await transaction.commit();
    };
    const auto one = runner({desk_.kind("send")});
    wait(write(*db_, false, clock_.now()));
    wait(write(*db_, true, clock_.now()));
    settle(*one);
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.done(), (std::map<std::string, int>{
                                {"kept", 1}
    }));
}

TEST_P(JobsTest, a_payload_that_is_too_long_is_not_taken) {
    EXPECT_NO_THROW(add("none", std::string(payload_bytes_max, 'x')));
    EXPECT_THROW(add("none", std::string(payload_bytes_max + 1, 'x')), std::length_error);
}

TEST_P(JobsTest, a_failed_attempt_is_tried_again_when_its_time_has_come) {
    desk_.fail_always();
    const auto one = runner({desk_.kind("send", {60s, 300s})});
    add("send", "hello");
    std::size_t failures = 0;
    for (const std::chrono::seconds wanted : {60s, 300s}) {
        settle(*one);
        ++failures;
        ASSERT_TRUE(comes_true([&] { return desk_.nexts().size() == failures; }));
        const core::Time next = desk_.nexts().back().value();
        EXPECT_GE(next - clock_.now(), wanted * 9 / 10);
        EXPECT_LE(next - clock_.now(), wanted * 11 / 10);
        ASSERT_TRUE(comes_true(
            [&] { return number("SELECT min(due_at_ms) FROM jobs") == core::to_ms(next); }));
        const int begun = desk_.begun();
        advance(*one, core::from_ms(core::to_ms(next)) - clock_.now() - 1ms);
        EXPECT_EQ(desk_.begun(), begun) << "tried too early";
        clock_.advance(1ms);
    }
    desk_.recover();
    settle(*one);
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.attempts(), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(counted("send", "retried"), 2U);
}

TEST_P(JobsTest, after_the_last_attempt_a_job_is_given_up_and_kept_until_somebody_says_retry) {
    desk_.fail_always();
    const auto one = runner({desk_.kind("send", {10s})});
    add("send", "first");
    add("send", "second");
    settle(*one);
    ASSERT_TRUE(comes_true([this] { return desk_.nexts().size() == 2; }));
    advance(*one, 11s);
    ASSERT_TRUE(comes_true([&] { return wait(one->figures()).given_up == 2; }));
    EXPECT_EQ(desk_.nexts().back(), std::nullopt);
    EXPECT_EQ(desk_.reasons().back(), "the desk is closed");
    EXPECT_EQ(wait(one->figures()).waiting, 0);
    const db::Rows kept = wait(db_->read("SELECT id, payload, last_error FROM jobs ORDER BY id"));
    EXPECT_EQ(kept[1][2], db::Value("the desk is closed"));
    advance(*one, 24h);
    EXPECT_EQ(desk_.begun(), 4);

    desk_.recover();
    const std::int64_t first = db::integer(kept[0][0]);
    const std::vector<db::Rows> changed =
        wait(db_->write_all({retry(first, clock_.now()), retry("send", "second", clock_.now()),
                             retry("send", "nobody", clock_.now())}));
    EXPECT_EQ(changed[0].changed + changed[1].changed, 2);
    EXPECT_EQ(changed[2].changed, 0);
    one->wake();
    EXPECT_TRUE(is_empty_soon());
    EXPECT_EQ(desk_.attempts().back(), 1);
    EXPECT_EQ(desk_.done().size(), 2U);
}

TEST_P(JobsTest, a_kind_that_is_not_known_is_left_alone_and_counted) {
    add("of tomorrow", "hello");
    const auto one = runner({desk_.kind("send")});
    advance(*one, 1h);
    const Figures figures = wait(one->figures());
    EXPECT_EQ(figures.unknown, 1);
    EXPECT_EQ(figures.waiting, 1);
    EXPECT_EQ(figures.oldest, 0s);
    EXPECT_EQ(number("SELECT taken FROM jobs"), 0);
}

TEST_P(JobsTest, figures_tell_how_long_the_oldest_has_been_due) {
    desk_.hold();
    const auto one = runner({desk_.kind("send")}, {.at_once_max = 1});
    add("send", "held");
    one->wake();
    ASSERT_TRUE(comes_true([this] { return desk_.begun() == 1; }));
    add("send", "waiting");
    clock_.advance(30s);
    const Figures figures = wait(one->figures());
    EXPECT_EQ(figures.waiting, 2);
    EXPECT_EQ(figures.oldest, 30s);
}

}  // namespace souk::jobs
