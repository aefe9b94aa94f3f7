#include "platform/jobs/backoff.h"
#include "platform/jobs/parts.h"
#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <utility>

namespace souk::jobs {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds rivals_pause = 250ms;  // others are taking what is due at this moment
constexpr milliseconds loop_check = 10ms;     // whether the loop that is waited for still runs

metrics::Counter& counter_of(metrics::Registry& metrics, const std::string& service,
                             const std::string& kind, const std::string& outcome) {
    return metrics.counter("souk_jobs_total", "Attempts at background jobs, by what became of them",
                           {
                               {"service", service},
                               {"kind",    kind   },
                               {"outcome", outcome}
    });
}

}  // namespace

Runner::Parts::Parts(Options options, Deps deps, std::vector<Kind> kinds)
    : options_(std::move(options)),
      deps_(deps),
      table_(deps.database, kinds, core::random_hex(deps.random, 16)) {
    for (Kind& kind : kinds) {
        const auto counter = [&](const char* outcome) -> metrics::Counter& {
            return counter_of(deps_.metrics, options_.service, kind.name, outcome);
        };
        metrics::Counter& done = counter("done");
        metrics::Counter& retried = counter("retried");
        metrics::Counter& given_up = counter("given_up");
        const std::string name = kind.name;
        known_.emplace(name, Known{std::move(kind), done, retried, given_up});
    }
}

void Runner::Parts::start() {
    ended_ = boost::asio::co_spawn(deps_.loop.context(), serve(shared_from_this()),
                                   boost::asio::use_future);
}

bool Runner::Parts::stop(milliseconds patience) {
    stopping_.set();
    alarm_.ring();
    return !ended_.valid() || ended_.wait_for(patience) == std::future_status::ready;
}

// The loop does one thing at a time, so that after this step all its coroutines see the flag.
void Runner::Parts::abandon() {
    stopping_.set();
    boost::asio::io_context& loop = deps_.loop.context();
    if (loop.get_executor().running_in_this_thread()) {
        is_abandoned_ = true;
        return;
    }
    const std::future<void> seen =
        boost::asio::post(loop, boost::asio::use_future([self = shared_from_this()] {
                              self->is_abandoned_ = true;
                              self->alarm_.ring();
                          }));
    while (!loop.stopped() && seen.wait_for(loop_check) != std::future_status::ready) continue;
}

core::Task<> Runner::Parts::serve(std::shared_ptr<Parts> self) { co_await self->run(); }

core::Task<> Runner::Parts::run() {
    milliseconds backoff{0};
    while (!stopping_.is_set()) {
        const std::shared_ptr<core::Event> woken = alarm_.fresh();
        milliseconds rest{0};
        try {
            if (!is_prepared_) co_await prepare();
            rest = co_await take_due();
            database_answers_ = true;
            backoff = 0ms;
        } catch (const std::exception& trouble) {
            note_trouble(trouble);
            backoff = longer(backoff);
        }
        if (is_abandoned_) co_return;
        warn_of_outlived_leases();
        if (backoff > 0ms) {
            co_await stopping_.wait(backoff);
        } else if (rest > 0ms) {
            co_await woken->wait(rest);
        }
        if (is_abandoned_) co_return;
    }
    co_await wait_for_running();
}

core::Task<> Runner::Parts::prepare() {
    co_await table_.add_schedules(deps_.clock.now());
    if (is_abandoned_) co_return;
    for (const auto& [kind, count] : co_await table_.unknown_kinds()) {
        log::warn(options_.service, "jobs of a kind this program does not know are left alone",
                  {
                      {"kind",  kind },
                      {"count", count}
        });
    }
    is_prepared_ = true;
}

// Gives how long there is nothing to do here, as far as is known now.
core::Task<milliseconds> Runner::Parts::take_due() {
    const auto at_once_max = static_cast<std::size_t>(options_.at_once_max);
    if (is_abandoned_ || running_.size() >= at_once_max) co_return options_.poll;
    if (!more_is_due_) {
        const std::optional<core::Time> due = co_await table_.next_due(running_ids());
        if (is_abandoned_ || !due) co_return options_.poll;
        if (const milliseconds rest = until(*due); rest > 0ms)
            co_return std::min(rest, options_.poll);
    }
    // Fewer may run by the time of the answer, never more.
    const std::size_t asked_for = at_once_max - running_.size();
    std::vector<Taken> all = co_await table_.take(asked_for, running_ids(), deps_.clock.now());
    if (is_abandoned_) co_return options_.poll;
    const bool was_sure = !std::exchange(more_is_due_, all.size() == asked_for);
    const bool has_rivals = was_sure && all.empty();
    for (Taken& each : all) start_job(std::move(each));
    co_return has_rivals ? rivals_pause : 0ms;
}

core::Task<> Runner::Parts::wait_for_running() {
    while (!is_abandoned_) {
        const std::shared_ptr<core::Event> woken = alarm_.fresh();
        if (running_.empty()) co_return;
        co_await woken->wait(options_.poll);
    }
}

// One line per outage.
void Runner::Parts::note_trouble(const std::exception& trouble) {
    if (is_abandoned_ || !std::exchange(database_answers_, false)) return;
    log::warn(options_.service, "jobs wait until the database answers again",
              {
                  {"reason", trouble.what()}
    });
}

void Runner::Parts::warn_of_outlived_leases() {
    const core::Time now = deps_.clock.now();
    for (auto& [id, running] : running_) {
        if (running.lease_until > now || std::exchange(running.is_told_of, true)) continue;
        log::warn(options_.service, "a job takes longer than its lease; another may begin it again",
                  {
                      {"id", id}
        });
    }
}

Ids Runner::Parts::running_ids() const {
    Ids ids;
    for (const auto& [id, running] : running_) ids.push_back(id);
    return ids;
}

milliseconds Runner::Parts::until(core::Time due) const {
    return std::chrono::ceil<milliseconds>(due - deps_.clock.now());
}

Runner::Runner(Options options, Deps deps, std::vector<Kind> kinds)
    : parts_(std::make_shared<Parts>(std::move(options), deps, std::move(kinds))) {}

Runner::~Runner() { parts_->abandon(); }

void Runner::start() { parts_->start(); }

void Runner::wake() { parts_->ring(); }

bool Runner::stop(milliseconds patience) { return parts_->stop(patience); }

core::Task<Figures> Runner::figures() { return parts_->figures(); }

}  // namespace souk::jobs
