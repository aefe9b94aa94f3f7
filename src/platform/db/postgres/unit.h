// What a connection to PostgreSQL is asked to do at once.
#pragma once

#include "platform/db/failure.h"
#include "platform/db/sql.h"

#include <optional>
#include <vector>

namespace souk::db::postgres {

// One statement, executed once per row of values.
struct Executions {
    const char* sql;
    std::vector<Values> rows;
};

// Executions that all succeed or none: what lies between two syncs is one transaction, unless it
// is inside a longer one. Afterwards there is an error, or one result per execution.
struct Unit {
    std::vector<Executions> parts;
    std::vector<Rows> results{};
    std::optional<Failure> error{};
    bool is_synced = false;  // its transaction is over, and durable

    static Unit of(const char* sql, Values values);
    static Unit of(const char* sql, std::vector<Values> rows);
    static Unit of(std::vector<Statement> statements);

    bool is_answered() const { return error || is_synced; }
    const char* statement(std::size_t execution) const;  // of the nth; after the last, the commit

    // PostgreSQL's texts end at a zero byte, so this cannot be left to the server to refuse.
    bool is_sendable() const;
};

}  // namespace souk::db::postgres
