// What the owner of an interactive SQLite transaction holds: a way to send commands to the writer.
#pragma once

#include "platform/db/sqlite/writer.h"

#include <memory>

namespace souk::db::sqlite {

class Transaction final : public TransactionEngine {
public:
    Transaction(std::shared_ptr<Writer> writer, std::shared_ptr<Session> session);
    ~Transaction() override;
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    core::Task<Rows> run(Sql sql, Values values) override;
    core::Task<std::vector<std::int64_t>> run_many(Sql sql, std::vector<Values> rows) override;
    core::Task<> commit() override;

private:
    std::shared_ptr<Writer> writer_;
    std::shared_ptr<Session> session_;
};

}  // namespace souk::db::sqlite
