#include "platform/db/libsql/transaction.h"

#include "platform/db/libsql/lease.h"

#include <utility>

namespace souk::db::libsql {
namespace {

// What the owner holds, on its own loop.
class Transaction final : public TransactionEngine {
public:
    Transaction(std::shared_ptr<void> keeper, std::shared_ptr<Server> server,
                std::shared_ptr<Lease> lease)
        : keeper_(std::move(keeper)), server_(std::move(server)), lease_(std::move(lease)) {}

    ~Transaction() override {
        const auto abandon = [server = server_, lease = lease_] {
            server->spawn(lease->abandon());
        };
        boost::asio::post(server_->context(), abandon);
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    core::Task<Rows> run(Sql sql, Values values) override {
        std::vector<Values> rows;
        rows.push_back(std::move(values));
        std::vector<Rows> results = co_await ask(sql.sqlite, std::move(rows));
        co_return std::move(results.front());
    }

    core::Task<std::vector<std::int64_t>> run_many(Sql sql, std::vector<Values> rows) override {
        std::vector<std::int64_t> changed;
        if (rows.empty()) co_return changed;
        const std::vector<Rows> results = co_await ask(sql.sqlite, std::move(rows));
        changed.reserve(results.size());
        for (const Rows& result : results) changed.push_back(result.changed);
        co_return changed;
    }

    core::Task<> commit() override {
        co_await run_on<Done>(server_, [lease = lease_](Server&) { return lease->commit(); });
    }

private:
    core::Task<std::vector<Rows>> ask(const char* sql, std::vector<Values> rows) {
        return run_on<std::vector<Rows>>(
            server_, [lease = lease_, sql, rows = std::move(rows)](Server&) mutable {
                return lease->run(sql, std::move(rows));
            });
    }

    std::shared_ptr<void> keeper_;  // first: the loop that the others belong to
    std::shared_ptr<Server> server_;
    std::shared_ptr<Lease> lease_;
};

}  // namespace

core::Task<std::unique_ptr<TransactionEngine>> begin(Server& server, std::weak_ptr<void> keeper) {
    Lane::Turn turn =
        co_await server.writers().enter_alone(Attempts::Clock::now() + server.timeout());
    const auto lease = std::make_shared<Lease>(server.shared_from_this(), std::move(turn));
    lease->watch_deadline();
    co_return std::make_unique<Transaction>(keeper.lock(), server.shared_from_this(), lease);
}

}  // namespace souk::db::libsql
