// What jobs must do on every engine; instantiated once per engine, in a test program of its own.
#pragma once

#include "platform/core/error.h"
#include "platform/core/event.h"
#include "platform/core/loop.h"
#include "platform/jobs/jobs.h"
#include "platform/testing/engine.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/seeded_random.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace souk::jobs {

using namespace std::chrono_literals;
using souk::testing::comes_true;
using souk::testing::Engine;

// Work for a test: notes what it was asked for, and fails or waits as it is told.
class Desk {
public:
    // `name`, done by this desk.
    Kind kind(std::string name, std::vector<std::chrono::seconds> retry_after = {});

    void fail_always() { fails_ = true; }
    void recover() { fails_ = false; }
    void hold();     // work that begins now waits, until release()
    void release();  // all that wait

    int begun() const { return begun_; }
    std::map<std::string, int> done() const;  // how often, by payload
    std::vector<int> attempts() const;        // their numbers, in the order in which they began
    // What `failed` was told.
    std::vector<std::optional<core::Time>> nexts() const;
    std::vector<std::string> reasons() const;

private:
    static core::Task<> work(Desk& desk, Job job);
    static core::Task<> note_failure(Desk& desk, std::string why, std::optional<core::Time> next);

    std::atomic<bool> fails_{false};
    std::atomic<int> begun_{0};
    mutable std::mutex mutex_;
    std::shared_ptr<core::Event> open_;  // null: nobody is held
    std::map<std::string, int> done_;
    std::vector<int> attempts_;
    std::vector<std::optional<core::Time>> nexts_;
    std::vector<std::string> reasons_;
};

class JobsTest : public ::testing::TestWithParam<Engine> {
protected:
    JobsTest();
    ~JobsTest() override;

    template <typename T>
    T wait(core::Task<T> task) {
        return asking_.wait(std::move(task));
    }

    // Started, on the first loop or on one of its own, and able to do marks besides.
    std::unique_ptr<Runner> runner(std::vector<Kind> kinds, Runner::Options options = {});
    std::unique_ptr<Runner> other_runner(std::vector<Kind> kinds, Runner::Options options = {});

    void add(const std::string& kind, const std::string& payload);
    // Whatever is due has been begun when it returns.
    void settle(Runner& one);
    void advance(Runner& one, std::chrono::microseconds by);

    std::int64_t number(db::Sql sql);
    std::int64_t rows() { return number("SELECT count(*) FROM jobs"); }
    bool is_empty_soon() {
        return comes_true([this] { return rows() == 0; });
    }
    // Three jobs, one of which fails at first, are each done once although the n-th call of the
    // runner fails. True when it did not come to n calls.
    bool survives(int n, souk::testing::Failing how);
    void sweep(souk::testing::Failing how);  // for every n
    void pass(Runner& one, std::chrono::microseconds time);

    std::uint64_t counted(const std::string& kind, const std::string& outcome) const;

    db::Place place_;
    souk::testing::FixedClock clock_;
    souk::testing::SeededRandom random_;
    metrics::Registry metrics_;
    Desk desk_;  // the desks outlive the loops on which they work
    Desk marks_;
    souk::testing::OnLoop asking_;
    core::Loop working_{"working"};
    core::Loop other_{"other"};
    std::unique_ptr<souk::testing::FlakyDatabase> db_;

private:
    std::unique_ptr<Runner> started(core::Loop& loop, std::vector<Kind> kinds,
                                    Runner::Options options);
};

}  // namespace souk::jobs
