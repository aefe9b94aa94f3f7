#include "platform/db/sqlite/connection.h"

#include "platform/core/error.h"
#include "platform/db/step.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace souk::db::sqlite {
namespace {

// How many steps of SQLite's virtual machine go by between two looks at the clock.
constexpr int steps_between_looks = 20000;

constexpr int truncation_try_ms = 20;

// SQLite's file layer writes less than 128 KiB at once; of a longer write it does a part.
constexpr sqlite3_int64 wal_chunk = 64 * 1024;

std::string advice(int code) {
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "another program holds the file; only one may write to it";
        case SQLITE_FULL:
            return "the disk is full; free some space";
        case SQLITE_IOERR:
            return "the disk or file system refuses; check space, limits and the kernel log";
        case SQLITE_CANTOPEN:
            return "check that the directory exists and this user may write to it";
        case SQLITE_READONLY:
            return "this user may not write to the file or its directory";
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return "the file is damaged or no database; restore it from a backup";
        case SQLITE_NOMEM:
            return "no memory left";
        case SQLITE_INTERRUPT:
            return "it took longer than allowed";
        default:
            return "";
    }
}

bool may_pass(int code) {
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT:
        case SQLITE_PERM:
        case SQLITE_PROTOCOL:
        case SQLITE_SCHEMA:
            return true;
        default:
            return false;
    }
}

bool is_refusal(int code) {
    switch (code & 0xFF) {
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
        case SQLITE_RANGE:
            return true;
        default:
            return false;
    }
}

// Whether the last connection that closes copies the WAL into the file. Not while it is uncertain
// that the WAL is on the disk: it is what mends a copy that a power cut has torn.
void checkpoint_at_close(sqlite3* database, bool wanted) {
    ::sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, wanted ? 0 : 1, nullptr);
}

// nullptr: it is not open, as in a file that has just been made.
sqlite3_file* wal_of(sqlite3* database) {
    sqlite3_file* wal = nullptr;
    ::sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    return wal == nullptr || wal->pMethods == nullptr ? nullptr : wal;
}

// Writes every byte of the WAL over itself and syncs it. The caller keeps writers out; readers see
// the same bytes all the time.
int write_wal_again(sqlite3* database) {
    sqlite3_file* const wal = wal_of(database);
    if (wal == nullptr) return SQLITE_CANTOPEN;
    sqlite3_int64 size = 0;
    int code = wal->pMethods->xFileSize(wal, &size);
    if (code != SQLITE_OK || size == 0) return code;
    std::vector<char> bytes(static_cast<std::size_t>(std::min(size, wal_chunk)));
    for (sqlite3_int64 at = 0; at < size; at += wal_chunk) {
        const int count = static_cast<int>(std::min(size - at, wal_chunk));
        code = wal->pMethods->xRead(wal, bytes.data(), count, at);
        if (code == SQLITE_OK) code = wal->pMethods->xWrite(wal, bytes.data(), count, at);
        if (code != SQLITE_OK) return code;
    }
    return wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
}

}  // namespace

Connection::Connection(std::string path, Mode mode, Options options)
    : path_(std::move(path)), mode_(mode), options_(options) {
    const int access = mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                                : SQLITE_OPEN_READONLY;
    try {
        const int code =
            ::sqlite3_open_v2(path_.c_str(), &database_, access | SQLITE_OPEN_NOMUTEX, options.vfs);
        if (code != SQLITE_OK) fail(code, "open");
        set_up();
    } catch (...) {
        close();
        throw;
    }
}

Connection::~Connection() { close(); }

void Connection::set_up() {
    ::sqlite3_extended_result_codes(database_, 1);
    ::sqlite3_busy_timeout(database_, options_.busy_timeout_ms);
    ::sqlite3_progress_handler(database_, steps_between_looks, &Connection::is_late, this);
    execute("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 67108864");
    execute(("PRAGMA cache_size = -" + std::to_string(options_.cache_kib)).c_str());
    if (mode_ == Mode::read_only) {
        ::sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        execute("PRAGMA query_only = ON");
        return;
    }
    // EXTRA before WAL: a new file's first journal must not come back after a power cut.
    execute("PRAGMA synchronous = EXTRA");
    Statement wal(*this, "PRAGMA journal_mode = WAL");
    if (!wal.step() || wal.text(0) != "wal") {
        throw core::Unavailable("SQLite file " + path_ +
                                ": its file system does not support WAL; use a local disk");
    }
    wal.step();  // says only now whether that could be written
    execute("PRAGMA journal_size_limit = 67108864");
    // A WAL that an earlier process has left is certain after make_durable().
    sqlite3_int64 left = 0;
    if (sqlite3_file* const file = wal_of(database_); file != nullptr) {
        const int code = file->pMethods->xFileSize(file, &left);
        if (code != SQLITE_OK) fail(code, "size of the WAL");
    }
    if (left > 0) checkpoint_at_close(database_, false);
    // In place of SQLite's own automatic checkpoint, which does the same and cannot be timed.
    ::sqlite3_wal_hook(database_, &Connection::after_commit, this);
}

int Connection::is_late(void* connection) {
    const auto deadline = static_cast<Connection*>(connection)->deadline_;
    if (deadline == std::chrono::steady_clock::time_point::max()) return 0;
    return std::chrono::steady_clock::now() > deadline ? 1 : 0;
}

// Part of every commit. That a checkpoint fails is no failure of the commit: the WAL stays, and the
// next commit tries again.
int Connection::after_commit(void* connection, sqlite3* database, const char* schema, int pages) {
    auto& self = *static_cast<Connection*>(connection);
    const int wanted = self.options_.checkpoint_pages;
    if (wanted == 0 || pages < wanted) return SQLITE_OK;
    const auto began = std::chrono::steady_clock::now();
    static_cast<void>(
        ::sqlite3_wal_checkpoint_v2(database, schema, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr));
    self.checkpoint_took_ = std::chrono::steady_clock::now() - began;
    if (self.options_.checkpoints != nullptr)
        self.options_.checkpoints->took(self.checkpoint_took_);
    return SQLITE_OK;
}

void Connection::fail(int code, std::string_view doing) const {
    std::string message = "SQLite file " + path_ + ": ";
    const bool is_known_to_sqlite =
        database_ != nullptr && ::sqlite3_errcode(database_) != SQLITE_OK;
    message += is_known_to_sqlite ? ::sqlite3_errmsg(database_) : ::sqlite3_errstr(code);
    message += " (code " + std::to_string(code) + ")";
    if ((code & 0xFF) == SQLITE_IOERR) checkpoint_at_close(database_, false);
    if (may_pass(code)) {
        const std::string hint = advice(code);
        throw core::Unavailable(hint.empty() ? message : message + "; " + hint);
    }
    if (is_refusal(code)) throw Refused(message);
    throw std::logic_error(message + " in: " + std::string(doing));
}

void Connection::execute(const char* text) {
    const int code = ::sqlite3_exec(database_, text, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code, text);
}

Statement& Connection::prepare(std::string_view text) {
    if (const auto known = statements_.find(text); known != statements_.end())
        return *known->second;
    auto statement = std::make_unique<Statement>(*this, text);
    const std::string_view key = statement->sql();
    return *statements_.emplace(key, std::move(statement)).first->second;
}

Rows Connection::run(std::string_view text, const Values& values) {
    Statement& statement = prepare(text);
    statement.bind_all(values);
    const int changes_before = ::sqlite3_total_changes(database_);
    Rows result;
    while (statement.step()) {
        Values row;
        const int columns = statement.columns();
        row.reserve(static_cast<std::size_t>(columns));
        for (int i = 0; i < columns; ++i) row.push_back(statement.value(i));
        result.rows.push_back(std::move(row));
    }
    if (::sqlite3_total_changes(database_) != changes_before) result.changed = changes();
    return result;
}

std::int64_t Connection::change(std::string_view text, const Values& values) {
    Statement& statement = prepare(text);
    statement.bind_all(values);
    const int changes_before = ::sqlite3_total_changes(database_);
    while (statement.step()) continue;
    return ::sqlite3_total_changes(database_) == changes_before ? 0 : changes();
}

void Connection::commit() {
    checkpoint_took_ = std::chrono::nanoseconds(0);
    const auto began = std::chrono::steady_clock::now();
    prepare("COMMIT").step();
    if (options_.commits == nullptr) return;
    options_.commits->took(std::chrono::steady_clock::now() - began - checkpoint_took_);
}

std::int64_t Connection::changes() const { return ::sqlite3_changes(database_); }

std::int64_t Connection::last_insert_id() const { return ::sqlite3_last_insert_rowid(database_); }

bool Connection::in_transaction() const { return ::sqlite3_get_autocommit(database_) == 0; }

bool Connection::checkpoint() {
    int frames = 0;
    int moved = 0;
    const int code =
        ::sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
    if (code == SQLITE_BUSY) return false;
    if (code != SQLITE_OK) fail(code, "checkpoint");
    return frames == moved;
}

// In short tries: one that waits holds locks that another connection may be waiting for.
bool Connection::truncate_wal() {
    const auto give_up_at =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.busy_timeout_ms);
    bool is_truncated = false;
    ::sqlite3_busy_timeout(database_, truncation_try_ms);
    do {
        is_truncated = integer(run("PRAGMA wal_checkpoint(TRUNCATE)", {})[0][0]) == 0;
        if (!is_truncated) ::sqlite3_sleep(1);
    } while (!is_truncated && std::chrono::steady_clock::now() < give_up_at);
    ::sqlite3_busy_timeout(database_, options_.busy_timeout_ms);
    return is_truncated;
}

// Copies the WAL into the file, which is synced. That may be torn by a power cut, so the WAL has to
// be on the disk before: after a failed sync Linux takes its bytes for written, and only new writes
// bring them there. The WAL that is cut off then could come back after a power cut, and its older
// pages with it, so a first commit begins the next one.
bool Connection::make_durable() {
    execute("BEGIN IMMEDIATE");
    const int code = write_wal_again(database_);
    execute("ROLLBACK");
    if (code != SQLITE_OK) fail(code, "write the WAL again");
    if (!truncate_wal()) return false;
    execute("BEGIN IMMEDIATE");
    const std::int64_t version = integer(run("PRAGMA user_version", {})[0][0]);
    execute(("PRAGMA user_version = " + std::to_string(version) + "; COMMIT").c_str());
    checkpoint_at_close(database_, true);
    return true;
}

void Connection::close() {
    statements_.clear();
    ::sqlite3_close_v2(database_);  // cannot fail: no statement is left, and nullptr is allowed
    database_ = nullptr;
}

}  // namespace souk::db::sqlite
