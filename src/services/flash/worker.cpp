#include "services/flash/worker.h"

#include "platform/core/pause.h"
#include "platform/log/log.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t rush_min = 32;    // a batch of this size says that more are on their way
constexpr auto rush_pause = 250ms;      // then they are gathered: a page is written once for many
constexpr auto batch_time_max = 300ms;  // a cancel may wait for its order's batch
constexpr auto idle_pause = 1s;
constexpr auto cancel_pause = 20ms;  // an order's cancel is being decided
constexpr auto first_retry = 50ms;
constexpr auto last_retry = 2s;

}  // namespace

void Worker::stop(std::chrono::milliseconds patience) {
    stop_at_ = parts_.clock.instant() + patience;
    stopping_ = true;
    parts_.backlog.wake();
}

core::Task<> Worker::run() {
    std::chrono::milliseconds retry = first_retry;
    while (!is_over()) {
        const bool has_work = co_await parts_.backlog.wait_for_work(stopping_ ? 0ms : idle_pause);
        if (!has_work) continue;
        if (co_await write_batch()) {
            retry = first_retry;
            continue;
        }
        if (stopping_) co_return;
        co_await core::pause(retry);
        retry = std::min<std::chrono::milliseconds>(retry * 2, last_retry);
    }
}

// After stop() the worker goes on while it gets ahead, for a while.
bool Worker::is_over() const { return stopping_ && (parts_.backlog.queued() == 0 || gives_up()); }

// What is not written by then stays in the log: nothing behind it may be written either, since the
// position would pass it.
bool Worker::gives_up() const { return stopping_ && parts_.clock.instant() >= stop_at_; }

// False when nothing could be written. Orders are claimed only once the transaction stands, so that
// while the database is down they stay cancellable.
core::Task<bool> Worker::write_batch() {
    std::optional<db::Transaction> transaction = co_await begin();
    if (!transaction) co_return false;
    const std::size_t asked_for = batch_size_;
    std::vector<LogEntry> batch = parts_.backlog.take(asked_for);
    if (batch.empty()) {
        transaction.reset();
        co_await core::pause(cancel_pause);
        co_return true;
    }
    const bool is_rush = batch.size() >= rush_min && batch.size() < asked_for;
    const core::Instant began = parts_.clock.instant();
    switch (co_await attempt(std::move(*transaction), batch, false)) {
        case Outcome::done:
            batch_size_ = parts_.clock.instant() - began > batch_time_max
                              ? std::max(batch_min, batch.size() / 2)
                              : std::min(batch_max, batch_size_ * 2);
            if (is_rush && !stopping_) co_await core::pause(rush_pause);
            co_return true;
        case Outcome::not_written:
            // It may have been too much for the database's patience.
            batch_size_ = std::max(batch_min, batch.size() / 2);
            parts_.backlog.give_back(std::move(batch));
            co_return false;
        case Outcome::unknown:
            co_return co_await insist(std::move(batch));
        case Outcome::refused:
            co_return co_await write_one_by_one(std::move(batch));
    }
    co_return false;
}

core::Task<std::optional<db::Transaction>> Worker::begin() {
    try {
        db::Transaction transaction = co_await parts_.store.begin();
        co_return std::optional<db::Transaction>(std::move(transaction));
    } catch (const std::exception& failure) {
        note_failure(failure);
        co_return std::nullopt;
    }
}

// The orders themselves do not tell whether an earlier try was carried out: retention may have
// taken them away since. The position does, once that try is decided.
core::Task<bool> Worker::is_behind(db::Transaction& transaction, std::int64_t position) {
    co_return co_await parts_.store.settled_position(transaction, parts_.log.identity()) >=
        position;
}

core::Task<Worker::Outcome> Worker::attempt(db::Transaction transaction,
                                            const std::vector<LogEntry>& batch, bool is_repeated) {
    bool committing = false;
    try {
        if (!is_repeated || !co_await is_behind(transaction, batch.back().position)) {
            co_await parts_.store.persist(transaction, parts_.log.identity(), batch);
            committing = true;
            co_await transaction.commit();
        }
        finish(batch);
        co_return Outcome::done;
    } catch (const db::Refused& refused) {
        log::error("flash", "the database refused a batch; its records are written one by one",
                   {
                       {"reason", refused.what()}
        });
        co_return Outcome::refused;
    } catch (const std::exception& failure) {
        note_failure(failure);
        co_return committing ? Outcome::unknown : Outcome::not_written;
    }
}

// Nobody knows whether the commit happened: the same batch again, unless the position says so. It
// may be too much for the database's patience now: then in halves.
// False when the time after stop() was over first.
core::Task<bool> Worker::insist(std::vector<LogEntry> batch) {
    while (!gives_up()) {
        std::optional<db::Transaction> transaction = co_await begin();
        if (transaction) {
            const Outcome outcome = co_await attempt(std::move(*transaction), batch, true);
            if (outcome == Outcome::done) co_return true;
            if (outcome == Outcome::refused && batch.size() == 1)
                co_return co_await bury(batch.front());
            if (outcome == Outcome::refused) co_return co_await write_one_by_one(std::move(batch));
            if (outcome == Outcome::not_written && batch.size() > batch_min) {
                co_await core::pause(first_retry);
                co_return co_await insist_on_halves(std::move(batch));
            }
        }
        co_await core::pause(first_retry);
    }
    co_return false;
}

core::Task<bool> Worker::insist_on_halves(std::vector<LogEntry> batch) {
    const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
    std::vector<LogEntry> later(std::make_move_iterator(middle),
                                std::make_move_iterator(batch.end()));
    batch.erase(middle, batch.end());
    const bool is_half_done = co_await insist(std::move(batch));
    if (!is_half_done) co_return false;
    co_return co_await insist(std::move(later));
}

core::Task<bool> Worker::write_one_by_one(std::vector<LogEntry> batch) {
    for (LogEntry& entry : batch) {
        std::vector<LogEntry> single;
        single.push_back(std::move(entry));
        if (!co_await insist(std::move(single))) co_return false;
    }
    co_return true;
}

// With what the order says, or, when the database refuses that as well, without.
core::Task<bool> Worker::bury(LogEntry entry) {
    bool with_contents = true;
    while (!gives_up()) {
        try {
            db::Transaction transaction = co_await parts_.store.begin();
            if (!co_await is_behind(transaction, entry.position)) {
                co_await parts_.store.bury(transaction, parts_.log.identity(), entry,
                                           with_contents);
                co_await transaction.commit();
            }
            parts_.metrics.dead_letters.add();
            parts_.backlog.finish({&entry, 1});
            parts_.log.consumed(entry.position);
            co_return true;
        } catch (const db::Refused& refused) {
            note_failure(refused);
            with_contents = false;
        } catch (const std::exception& failure) {
            note_failure(failure);
        }
        co_await core::pause(first_retry);
    }
    co_return false;
}

// Which orders failed is known by themselves, also when only a later try found the batch written.
void Worker::finish(const std::vector<LogEntry>& batch) {
    std::size_t failed = 0;
    for (const LogEntry& entry : batch) {
        if (entry.kind == LogEntry::Kind::order) parts_.metrics.persisted.add();
        if (entry.kind == LogEntry::Kind::order && entry.order->has_failed) ++failed;
        if (entry.kind == LogEntry::Kind::broken) parts_.metrics.dead_letters.add();
    }
    if (failed > 0) {
        parts_.metrics.reconciliations.add(failed);
        log::error("flash",
                   "accepted orders found no unit in the product's row: they are kept as failed",
                   {
                       {"orders", static_cast<std::int64_t>(failed)}
        });
    }
    if (!writes_.exchange(true)) log::info("flash", "the worker writes again");
    if (parts_.events) parts_.events->orders_written(batch);
    parts_.backlog.finish(batch);
    parts_.log.consumed(batch.back().position);
}

void Worker::note_failure(const std::exception& failure) {
    parts_.metrics.worker_failures.add();
    if (writes_.exchange(false)) {
        log::error("flash",
                   "the worker cannot write; accepted orders wait in the log and it tries again",
                   {
                       {"reason", failure.what()}
        });
    }
}

void Worker::note_database(bool answers) {
    if (database_answers_.exchange(answers) == answers) return;
    if (answers) log::info("flash", "the database answers again");
}

}  // namespace souk::flash
