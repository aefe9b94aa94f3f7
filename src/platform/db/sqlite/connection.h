// SQLite's C interface with owners and exceptions, and nothing else: synchronous, one thread at a
// time per connection. Throws core::Unavailable (busy, full, unreadable file, deadline passed),
// db::Refused (constraint, type, size) or std::logic_error (our SQL is wrong).
#pragma once

#include "platform/db/sql.h"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace souk::db {
class Step;
}

namespace souk::db::sqlite {

// The writer of a file is its only connection that checkpoints; readers cannot change anything.
enum class Mode { read_write, read_only };

class Connection;

// A prepared statement, made by Connection::prepare and kept there. After its last row, and after
// an exception, it is ready to be used again by itself; reset() is for stopping earlier.
class Statement {
public:
    Statement(Connection& connection, std::string_view text);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    // `number` is the N of $N, whatever the order of the parameters in the text. Text is not
    // copied: it must stay where it is until the statement is done.
    void bind(int number, std::integral auto value) {
        bind_integer(number, static_cast<std::int64_t>(value));
    }
    void bind(int number, double value);
    void bind(int number, std::string_view value);
    void bind(int number, Null value);
    void bind_value(int number, const Value& value);

    // Binds $1, $2, ... in order; std::logic_error when there are more or fewer than the text has.
    void bind_all(const Values& list);

    bool step();  // true: there is a row; false: done
    void reset();

    int columns() const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string_view text(int column) const;  // valid until the next step or reset
    bool is_null(int column) const;
    Value value(int column) const;

    std::string_view sql() const { return text_; }
    bool is_reading() const;  // cannot change the database

private:
    void bind_integer(int number, std::int64_t value);
    int place(int number) const;
    void check_bound(int code) const;

    Connection& connection_;
    std::string text_;
    sqlite3_stmt* statement_ = nullptr;
    std::vector<int> places_;  // places_[N - 1] is SQLite's index of $N
};

class Connection {
public:
    struct Options {
        int busy_timeout_ms = 5000;
        int cache_kib = 16 * 1024;
        int checkpoint_pages =
            4000;                   // the writer checkpoints by itself at this WAL length; 0 never
        const char* vfs = nullptr;  // name of a registered SQLite VFS, nullptr for the usual one
        Step* commits = nullptr;    // told how long each commit() took, without its checkpoint
        Step* checkpoints = nullptr;  // and each checkpoint of the writer's own accord
    };

    Connection(std::string path, Mode mode, Options options);
    Connection(std::string path, Mode mode) : Connection(std::move(path), mode, Options()) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void execute(const char* text);             // any number of statements without parameters
    Statement& prepare(std::string_view text);  // once per text, then the same again
    Rows run(std::string_view text, const Values& values);
    std::int64_t change(std::string_view text,
                        const Values& values);  // rows changed, others unread

    void commit();  // the transaction begun by "BEGIN …"; may checkpoint as well

    std::int64_t changes() const;  // rows changed by the latest INSERT, UPDATE or DELETE
    std::int64_t last_insert_id() const;
    bool in_transaction() const;  // false after an error that made SQLite roll back by itself

    // Statements that run past this instant are broken off with core::Unavailable.
    void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
    void clear_deadline() { deadline_ = std::chrono::steady_clock::time_point::max(); }

    // Moves what it can of the WAL into the file without waiting for readers; true when all of it.
    bool checkpoint();

    // Makes certain that what this connection sees is on the disk, and that nothing else can come
    // back. It may be in memory only: its writer was killed before its sync, or a sync failed,
    // which Linux does not try again although later syncs say they worked. False: readers are in
    // the way.
    bool make_durable();

    // Closes the file; the last connection that closes checkpoints, if it is the writer and the WAL
    // is certain: it was empty at the start or make_durable() has worked, and the disk has not
    // failed since. Afterwards the object can only be destroyed.
    void close();
    const std::string& path() const { return path_; }

private:
    friend class Statement;
    friend void copy_into(Connection& from, const std::string& file,
                          const std::stop_token& stop);  // copy.h
    [[noreturn]] void fail(int code, std::string_view doing) const;
    void set_up();
    bool truncate_wal();
    static int is_late(void* connection);
    static int after_commit(void* connection, sqlite3* database, const char* schema, int pages);

    std::string path_;
    Mode mode_;
    const Options options_;
    sqlite3* database_ = nullptr;
    std::chrono::nanoseconds checkpoint_took_{0};  // of the commit under way
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
    std::unordered_map<std::string_view, std::unique_ptr<Statement>>
        statements_;  // keys are in the values
};

}  // namespace souk::db::sqlite
