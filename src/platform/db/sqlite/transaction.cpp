#include "platform/db/sqlite/transaction.h"

#include <utility>

namespace souk::db::sqlite {

Transaction::Transaction(std::shared_ptr<Writer> writer, std::shared_ptr<Session> session)
    : writer_(std::move(writer)), session_(std::move(session)) {}

Transaction::~Transaction() { writer_->command(*session_, Abandon{}); }

core::Task<Rows> Transaction::run(Sql sql, Values values) {
    return await_reply<Rows>([this, sql, values = std::move(values)](Reply<Rows> reply) mutable {
        writer_->command(*session_, Run{sql.sqlite, std::move(values), std::move(reply)});
    });
}

core::Task<std::vector<std::int64_t>> Transaction::run_many(Sql sql, std::vector<Values> rows) {
    using Changed = std::vector<std::int64_t>;
    return await_reply<Changed>([this, sql, rows = std::move(rows)](Reply<Changed> reply) mutable {
        writer_->command(*session_, RunMany{sql.sqlite, std::move(rows), std::move(reply)});
    });
}

core::Task<> Transaction::commit() {
    co_await await_reply<Done>(
        [this](Reply<Done> reply) { writer_->command(*session_, Commit{std::move(reply)}); });
}

}  // namespace souk::db::sqlite
