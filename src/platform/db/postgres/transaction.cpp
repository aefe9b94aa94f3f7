#include "platform/db/postgres/transaction.h"

#include <boost/asio/post.hpp>

#include <array>
#include <utility>

namespace souk::db::postgres {
namespace {

constexpr const char* begin_sql = "BEGIN";
constexpr const char* commit_sql = "COMMIT";
constexpr const char* rollback_sql = "ROLLBACK";

Unit bare(const char* sql) { return Unit::of(sql, Values()); }

Failure failed_earlier() {
    return Failure::mistake("this transaction was rolled back when a statement of it failed");
}

// What the owner holds, on its own loop.
class Transaction final : public TransactionEngine {
public:
    Transaction(std::shared_ptr<Pool> pool, std::shared_ptr<void> keeper,
                std::shared_ptr<Lease> lease)
        : keeper_(std::move(keeper)), pool_(std::move(pool)), lease_(std::move(lease)) {}

    ~Transaction() override {
        const auto abandon = [pool = pool_, lease = lease_] { pool->spawn(lease->abandon()); };
        boost::asio::post(pool_->context(), abandon);
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    core::Task<Rows> run(Sql sql, Values values) override {
        std::vector<Rows> results = co_await ask(Unit::of(sql.postgres, std::move(values)));
        co_return std::move(results.front());
    }

    core::Task<std::vector<std::int64_t>> run_many(Sql sql, std::vector<Values> rows) override {
        std::vector<std::int64_t> changed;
        if (rows.empty()) co_return changed;
        const std::vector<Rows> results = co_await ask(Unit::of(sql.postgres, std::move(rows)));
        changed.reserve(results.size());
        for (const Rows& result : results) changed.push_back(result.changed);
        co_return changed;
    }

    core::Task<> commit() override {
        co_await await_reply<Done>([this](Reply<Done> reply) {
            auto work = [pool = pool_, lease = lease_, reply = std::move(reply)]() mutable {
                pool->spawn(lease->commit(std::move(reply)));
            };
            boost::asio::post(pool_->context(), std::move(work));
        });
    }

private:
    core::Task<std::vector<Rows>> ask(Unit unit) {
        using Results = std::vector<Rows>;
        return await_reply<Results>([this, unit = std::move(unit)](Reply<Results> reply) mutable {
            auto work = [pool = pool_, lease = lease_, unit = std::move(unit),
                         reply = std::move(reply)]() mutable {
                pool->spawn(lease->run(std::move(unit), std::move(reply)));
            };
            boost::asio::post(pool_->context(), std::move(work));
        });
    }

    std::shared_ptr<void> keeper_;  // first: the loop that the others belong to
    std::shared_ptr<Pool> pool_;
    std::shared_ptr<Lease> lease_;
};

}  // namespace

Lease::Lease(std::shared_ptr<Pool> pool, std::shared_ptr<Link> link)
    : pool_(std::move(pool)), link_(std::move(link)), deadline_(pool_->context()) {}

// Locks must not be held for ever by an owner that does not go on: the server rolls back when its
// connection is closed.
void Lease::watch_deadline() {
    deadline_.expires_after(pool_->timeout());
    deadline_.async_wait([self = weak_from_this()](boost::system::error_code error) {
        const std::shared_ptr<Lease> lease = self.lock();
        if (error || !lease || lease->over_because_) return;
        const std::string message = "the transaction was open for more than " +
                                    std::to_string(lease->pool_->timeout().count()) +
                                    " ms and was rolled back";
        lease->over_because_ = Failure::unavailable(message);
        lease->link_->close(message);
        lease->pool_->give_back(lease->link_);
    });
}

core::Task<> Lease::run(Unit unit, Reply<std::vector<Rows>> reply) {
    const std::shared_ptr<Lease> self = shared_from_this();
    if (over_because_) {
        reply.fail(*over_because_);
        co_return;
    }
    std::vector<Unit> units;
    if (!std::exchange(has_begun_, true)) units.push_back(bare(begin_sql));
    units.push_back(std::move(unit));
    co_await link_->exchange(units);

    const std::optional<Failure> error =
        units.front().error ? units.front().error : units.back().error;
    if (!error) {
        reply.give(std::move(units.back().results));
        co_return;
    }
    const bool was_open = !over_because_;
    if (was_open) over_because_ = link_->is_open() ? failed_earlier() : *error;
    reply.fail(*error);
    if (was_open) co_await roll_back();
}

core::Task<> Lease::commit(Reply<Done> reply) {
    const std::shared_ptr<Lease> self = shared_from_this();
    if (over_because_) {
        reply.fail(*over_because_);
        co_return;
    }
    over_because_ = Failure::mistake("this transaction was committed already");
    std::array<Unit, 1> unit{bare(commit_sql)};
    if (has_begun_) co_await link_->exchange(unit);
    if (unit[0].error) {
        reply.fail(*unit[0].error);
    } else {
        reply.give({});
    }
    give_back();
}

core::Task<> Lease::abandon() {
    const std::shared_ptr<Lease> self = shared_from_this();
    if (over_because_) co_return;
    over_because_ = Failure::mistake("this transaction was given up");
    co_await roll_back();
}

core::Task<> Lease::roll_back() {
    std::array<Unit, 1> unit{bare(rollback_sql)};
    if (has_begun_) co_await link_->exchange(unit);
    if (unit[0].error) link_->close("a transaction could not be rolled back");
    give_back();
}

// The pool notices when the connection is closed.
void Lease::give_back() {
    deadline_.cancel();
    pool_->give_back(link_);
}

void begin(Pool& pool, std::weak_ptr<void> keeper,
           Reply<std::unique_ptr<TransactionEngine>> reply) {
    auto owed = std::make_shared<Reply<std::unique_ptr<TransactionEngine>>>(std::move(reply));
    pool.lease([self = pool.shared_from_this(), keeper = std::move(keeper), owed](
                   std::shared_ptr<Link> link, const std::optional<Failure>& why) {
        if (!link) return owed->fail(*why);
        const auto lease = std::make_shared<Lease>(self, std::move(link));
        lease->watch_deadline();
        owed->give(std::make_unique<Transaction>(self, keeper.lock(), lease));
    });
}

}  // namespace souk::db::postgres
