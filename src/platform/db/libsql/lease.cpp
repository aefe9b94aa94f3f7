#include "platform/db/libsql/lease.h"

#include "platform/core/error.h"

#include <string>
#include <utility>

namespace souk::db::libsql {
namespace {

Failure failed_earlier() {
    return Failure::mistake("this transaction was rolled back when a statement of it failed");
}

}  // namespace

Lease::Lease(std::shared_ptr<Server> server, Lane::Turn turn)
    : server_(std::move(server)),
      turn_(std::move(turn)),
      stream_(*server_),
      attempts_(server_->timeout()),
      deadline_(server_->context()) {}

// Others wait for their turn, so it is not left to the server to end what an owner does not.
void Lease::watch_deadline() {
    deadline_.expires_at(attempts_.deadline());
    deadline_.async_wait([self = weak_from_this()](boost::system::error_code error) {
        const std::shared_ptr<Lease> lease = self.lock();
        if (error || !lease || lease->over_because_) return;
        lease->over_because_ = Failure::unavailable(
            "the transaction was open for more than " +
            std::to_string(lease->server_->timeout().count()) + " ms and was rolled back");
        if (!lease->is_running_) lease->server_->spawn(lease->finish());
    });
}

core::Task<std::vector<Rows>> Lease::run(const char* sql, std::vector<Values> rows) {
    const std::shared_ptr<Lease> self = shared_from_this();
    if (over_because_) over_because_->raise();
    std::vector<Rows> results;
    std::optional<Failure> failure;
    is_running_ = true;
    try {
        results = co_await carry_out(sql, rows);
    } catch (const std::exception&) {
        failure = Failure::caught();
    }
    is_running_ = false;
    if (over_because_) {  // while it ran: late, or given up
        failure = *over_because_;
    } else if (failure) {
        over_because_ = failed_earlier();
    }
    if (!failure) co_return results;
    server_->spawn(finish());
    failure->raise();
}

core::Task<std::vector<Rows>> Lease::carry_out(const char* sql, const std::vector<Values>& rows) {
    for (;;) {
        Batch batch;
        if (!has_begun_) add_begin(batch);
        const std::size_t first = batch.size();
        for (const Values& row : rows) batch.add(sql, row);
        const std::size_t last = batch.size() - 1;
        batch.otherwise(last, "ROLLBACK");
        const boost::json::array requests{batch.request()};
        const std::vector<Result> results = co_await stream_.ask(requests, attempts_.left());
        if (results.front().trouble) results.front().trouble->failure(sql).raise();
        Steps steps = read_steps(results.front().response, batch.size());
        if (steps.done[last]) {
            has_begun_ = true;
            std::vector<Rows> all;
            for (std::size_t step = first; step <= last; ++step) all.push_back(steps.take(step));
            co_return all;
        }
        const Trouble& trouble = steps.first_failed();
        // Another program may hold the write lock; it is worth waiting for only before BEGIN.
        const bool may_pass = steps.first_failed_at() < first && trouble.is_busy() &&
                              !over_because_ && co_await attempts_.again();
        if (!may_pass) trouble.failure(sql).raise();
    }
}

core::Task<Done> Lease::commit() {
    const std::shared_ptr<Lease> self = shared_from_this();
    if (over_because_) over_because_->raise();
    over_because_ = Failure::mistake("this transaction was committed already");
    deadline_.cancel();
    const std::optional<Lane::Turn> turn(std::move(turn_));
    if (!has_begun_) co_return Done();

    Batch batch;
    const std::size_t commit = batch.add("COMMIT");
    batch.otherwise(commit, "ROLLBACK");
    const boost::json::array requests{batch.request(), close()};
    const auto asked = Attempts::Clock::now();
    const std::vector<Result> results = co_await stream_.ask(requests, server_->timeout());
    if (results.front().trouble) results.front().trouble->failure("COMMIT").raise();
    const Steps steps = read_steps(results.front().response, batch.size());
    if (!steps.done[commit]) steps.first_failed().failure("COMMIT").raise();
    server_->note_commit(Attempts::Clock::now() - asked);
    co_return Done();
}

core::Task<> Lease::abandon() {
    const std::shared_ptr<Lease> self = shared_from_this();
    if (over_because_) co_return;
    over_because_ = Failure::mistake("this transaction was given up");
    if (!is_running_) co_await finish();
}

// Others have their turn when the server has let go of it.
core::Task<> Lease::finish() {
    const std::shared_ptr<Lease> self = shared_from_this();
    deadline_.cancel();
    const std::optional<Lane::Turn> turn(std::move(turn_));
    if (!stream_.is_open()) co_return;
    const boost::json::array requests{execute("ROLLBACK"), close()};
    try {
        co_await stream_.ask(requests, server_->timeout());
    } catch (const core::Unavailable&) {
        co_return;  // the server rolls back by itself what a stream has left open
    }
}

}  // namespace souk::db::libsql
