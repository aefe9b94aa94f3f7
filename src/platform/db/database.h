// A service's rows, on SQLite, PostgreSQL or libSQL. All functions may be called on any event loop
// and resume on it; none blocks it. They throw core::Unavailable (engine down, full, too slow: may
// pass by itself) or db::Refused (these values will never do).
#pragma once

#include "platform/core/task.h"
#include "platform/db/migrations.h"
#include "platform/db/sql.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace souk::metrics {
class Registry;
}

namespace souk::db {

// What an engine does for one open transaction. Destroyed without commit means rolled back.
class TransactionEngine {
public:
    virtual ~TransactionEngine() = default;
    virtual core::Task<Rows> run(Sql sql, Values values) = 0;
    virtual core::Task<std::vector<std::int64_t>> run_many(Sql sql, std::vector<Values> rows) = 0;
    virtual core::Task<> commit() = 0;
};

class Transaction {
public:
    explicit Transaction(std::unique_ptr<TransactionEngine> engine) : engine_(std::move(engine)) {}

    // What it gives may be of another transaction that is not durable yet; it is after commit().
    template <typename... Args>
    core::Task<Rows> run(Sql sql, Args&&... args) {
        return run(statement(sql, std::forward<Args>(args)...));
    }
    core::Task<Rows> run(Statement one) { return engine_->run(one.sql, std::move(one.values)); }

    // The same statement once for each row of values, in one go; gives how many rows each changed.
    core::Task<std::vector<std::int64_t>> run_many(Sql sql, std::vector<Values> rows) {
        return engine_->run_many(sql, std::move(rows));
    }

    // Durable when it returns. After an exception from here it is unknown whether it happened.
    core::Task<> commit() { return engine_->commit(); }

private:
    std::unique_ptr<TransactionEngine> engine_;
};

// To be destroyed before the loops that wait for it; what still waits then is answered with
// core::Unavailable. Transactions may be destroyed later, on any thread.
class Database {
public:
    virtual ~Database() = default;

    // One reading statement; sees everything committed before the call.
    template <typename... Args>
    core::Task<Rows> read(Sql sql, Args&&... args) {
        return read(statement(sql, std::forward<Args>(args)...));
    }
    core::Task<Rows> read(Statement one) { return read_values(one.sql, std::move(one.values)); }

    // One writing statement in a transaction of its own; durable when it returns.
    template <typename... Args>
    core::Task<Rows> write(Sql sql, Args&&... args) {
        return write(statement(sql, std::forward<Args>(args)...));
    }
    core::Task<Rows> write(Statement one) { return write_values(one.sql, std::move(one.values)); }

    // These writing statements in one transaction, in their order; durable when it returns, and
    // what each gave. One trip to the engine, however many there are: prefer it to begin() where no
    // statement needs an answer to another. After core::Unavailable it is unknown whether it
    // happened; after every other exception it has not.
    virtual core::Task<std::vector<Rows>> write_all(std::vector<Statement> statements) = 0;

    virtual core::Task<Transaction> begin() = 0;

    // Applies the migrations of a set not applied yet, under a lock, each in a transaction; gives
    // how many.
    virtual core::Task<int> migrate(Migrations migrations) = 0;

    // Takes the right to be the only process that does `what` on this database, for as long as this
    // object lives and its connection stands; false when another process holds it. SQLite: always
    // true, the data directory's lock has seen to it. libSQL cannot: std::logic_error.
    virtual core::Task<bool> claim(std::string what) = 0;

    virtual std::string describe()
        const = 0;  // "SQLite at …", "PostgreSQL at host:port/name"; no secrets

private:
    virtual core::Task<Rows> read_values(Sql sql, Values values) = 0;
    virtual core::Task<Rows> write_values(Sql sql, Values values) = 0;
};

// Where a service's rows live. An empty address means SQLite in `file`.
struct Place {
    std::string address;  // postgres://…, or libsql://…, https://…, http://… for libSQL, or empty
    std::string file;     // SQLite file, when the address is empty
    std::string schema;   // PostgreSQL schema, named after the service
    int connections_max = 8;    // readers of SQLite, connections of PostgreSQL, streams of libSQL
    int timeout_ms = 5000;      // longest wait for a connection, a lock or an answer
    const char* vfs = nullptr;  // a SQLite VFS registered by a test; nullptr for the usual one
    metrics::Registry* metrics = nullptr;  // told how long commits take, under the schema's name
    std::string token = {};                // of libSQL; empty for a server that asks for none
};

// Opens lazily: an engine that is down makes the calls throw, not this. Throws
// std::invalid_argument for an address it does not understand.
std::unique_ptr<Database> open(Place place);

}  // namespace souk::db
