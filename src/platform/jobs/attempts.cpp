// One attempt at one job: from its taking until its row says what became of it.
#include "platform/core/error.h"
#include "platform/jobs/backoff.h"
#include "platform/jobs/parts.h"
#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>

#include <utility>

namespace souk::jobs {

using std::chrono::milliseconds;

void Runner::Parts::start_job(Taken taken) {
    const std::int64_t id = taken.job.id;
    running_.emplace(id, Running{taken.lease_until});
    boost::asio::co_spawn(deps_.loop.context(), carry_out(shared_from_this(), std::move(taken)),
                          [self = shared_from_this(), id](const std::exception_ptr& failure) {
                              self->job_ended(id, failure);
                          });
}

core::Task<> Runner::Parts::carry_out(std::shared_ptr<Parts> self, Taken taken) {
    const Known& known = self->known_.at(taken.job.kind);
    Verdict verdict = co_await self->attempt(known.kind, taken);
    if (self->is_abandoned_) co_return;
    co_await self->settle(known, std::move(taken.job), std::move(verdict));
}

core::Task<Verdict> Runner::Parts::attempt(const Kind& kind, Taken taken) {
    if (taken.lost > lost_attempts_max) co_return after_losses(kind, deps_.clock.now());
    std::optional<std::string> why;
    try {
        co_await kind.work(taken.job);
    } catch (const std::exception& failure) {
        why = failure.what();
    } catch (...) {
        why = "an exception that is no std::exception";
    }
    if (is_abandoned_) co_return Verdict{};
    const core::Time now = deps_.clock.now();
    if (!why) co_return after_success(kind, now);
    co_return after_failure(kind, taken.job.attempt, std::move(*why), now, deps_.random);
}

// Until the row says so, or the Runner stops: then the lease sees to the rest.
core::Task<> Runner::Parts::settle(const Known& known, Job job, Verdict verdict) {
    bool is_told = verdict.why.empty() || !known.kind.failed;
    for (milliseconds backoff = first_backoff;; backoff = longer(backoff)) {
        try {
            if (!is_told) {
                // Who has lost the lease has no say: the other may have succeeded.
                if (!co_await table_.is_ours(job.id)) co_return warn_of_loss(job);
                if (is_abandoned_) co_return;
                co_await tell(known.kind, job, verdict);
                is_told = true;
            }
            if (is_abandoned_) co_return;
            const bool was_ours = co_await table_.settle(job.id, verdict);
            if (is_abandoned_) co_return;
            // After trouble it may have been an earlier try of ours that was carried out.
            if (!was_ours && backoff == first_backoff) co_return warn_of_loss(job);
            co_return count(known, verdict, job);
        } catch (const core::Unavailable& trouble) {
            note_trouble(trouble);
        }
        if (co_await stopping_.wait(backoff)) co_return;
    }
}

core::Task<> Runner::Parts::tell(const Kind& kind, Job job, Verdict verdict) {
    const std::int64_t id = job.id;
    try {
        co_await kind.failed(std::move(job), verdict.why, verdict.next());
    } catch (const core::Unavailable&) {
        throw;
    } catch (const std::exception& mistake) {
        // It would fail for ever, and hold the job.
        log::error(options_.service, "what a failed job should have led to failed as well",
                   {
                       {"kind",   kind.name     },
                       {"id",     id            },
                       {"reason", mistake.what()}
        });
    }
}

void Runner::Parts::count(const Known& known, const Verdict& verdict, const Job& job) {
    if (verdict.why.empty()) return known.done.add();
    const bool is_over = verdict.outcome == Verdict::Outcome::given_up;
    (is_over ? known.given_up : known.retried).add();
    const log::Field kind("kind", job.kind);
    const log::Field id("id", job.id);
    const log::Field tried("attempt", job.attempt);
    const log::Field reason("reason", verdict.why);
    if (is_over) {
        log::error(options_.service, "a job was given up", {kind, id, tried, reason});
    } else {
        log::warn(options_.service, "a job failed and will be tried again",
                  {kind, id, tried, reason});
    }
}

void Runner::Parts::job_ended(std::int64_t id, const std::exception_ptr& failure) {
    running_.erase(id);
    alarm_.ring();
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& mistake) {
        log::error(options_.service, "a job was left to its lease",
                   {
                       {"id",     id            },
                       {"reason", mistake.what()}
        });
    }
}

void Runner::Parts::warn_of_loss(const Job& job) {
    log::warn(options_.service, "a job was taken by another before it ended here",
              {
                  {"kind", job.kind},
                  {"id",   job.id  }
    });
}

}  // namespace souk::jobs
