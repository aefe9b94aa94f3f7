// What a Runner runs on its loop: one coroutine that takes jobs as they become due, and one for
// each job it has taken. Everything but ring, stop and figures belongs to the loop's thread.
#pragma once

#include "platform/jobs/alarm.h"
#include "platform/jobs/jobs.h"
#include "platform/jobs/table.h"
#include "platform/jobs/verdict.h"

#include <chrono>
#include <exception>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace souk::jobs {

class Runner::Parts : public std::enable_shared_from_this<Runner::Parts> {
public:
    Parts(Options options, Deps deps, std::vector<Kind> kinds);

    void start();
    void ring() { alarm_.ring(); }
    bool stop(std::chrono::milliseconds patience);
    void abandon();  // from its return on, nothing borrowed is touched any more
    core::Task<Figures> figures() { return table_.figures(deps_.clock.now()); }

private:
    struct Running {
        core::Time lease_until;
        bool is_told_of = false;  // that it has outlived its lease
    };
    struct Known {
        Kind kind;
        metrics::Counter& done;
        metrics::Counter& retried;
        metrics::Counter& given_up;
    };

    // The two kinds of coroutines; both keep everything alive while they run.
    static core::Task<> serve(std::shared_ptr<Parts> self);
    static core::Task<> carry_out(std::shared_ptr<Parts> self, Taken taken);

    core::Task<> run();
    core::Task<> prepare();
    core::Task<std::chrono::milliseconds> take_due();
    core::Task<> wait_for_running();
    core::Task<Verdict> attempt(const Kind& kind, Taken taken);
    core::Task<> settle(const Known& known, Job job, Verdict verdict);
    core::Task<> tell(const Kind& kind, Job job, Verdict verdict);
    void start_job(Taken taken);
    void job_ended(std::int64_t id, const std::exception_ptr& failure);
    void count(const Known& known, const Verdict& verdict, const Job& job);
    void note_trouble(const std::exception& trouble);
    void warn_of_outlived_leases();
    void warn_of_loss(const Job& job);
    Ids running_ids() const;
    std::chrono::milliseconds until(core::Time due) const;

    const Options options_;
    const Deps deps_;
    std::map<std::string, Known> known_;
    Table table_;
    Alarm alarm_;
    core::Event stopping_;
    std::future<void> ended_;
    std::map<std::int64_t, Running> running_;
    bool is_prepared_ = false;
    bool more_is_due_ = false;  // the latest take got all it asked for
    bool is_abandoned_ = false;
    bool database_answers_ = true;
};

}  // namespace souk::jobs
