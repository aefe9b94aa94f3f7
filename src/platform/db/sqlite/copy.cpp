#include "platform/db/sqlite/copy.h"

#include "platform/core/error.h"

#include <sqlite3.h>

#include <memory>

namespace souk::db::sqlite {
namespace {

constexpr int pages_per_step = 1'024;

struct Close {
    void operator()(sqlite3* database) const { ::sqlite3_close_v2(database); }
};

[[noreturn]] void fail(const std::string& file, sqlite3* database, int code) {
    const char* const why =
        database == nullptr ? ::sqlite3_errstr(code) : ::sqlite3_errmsg(database);
    throw core::Unavailable("copying into SQLite file " + file + ": " + why + " (code " +
                            std::to_string(code) + ")");
}

}  // namespace

void copy_into(Connection& from, const std::string& file, const std::stop_token& stop) {
    sqlite3* opened = nullptr;
    const int access = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = ::sqlite3_open_v2(file.c_str(), &opened, access, nullptr);
    const std::unique_ptr<sqlite3, Close> to(opened);
    if (code != SQLITE_OK) fail(file, to.get(), code);

    sqlite3_backup* const copy = ::sqlite3_backup_init(to.get(), "main", from.database_, "main");
    if (copy == nullptr) fail(file, to.get(), ::sqlite3_errcode(to.get()));
    do {
        code = ::sqlite3_backup_step(copy, pages_per_step);
    } while (code == SQLITE_OK && !stop.stop_requested());
    code = ::sqlite3_backup_finish(copy);  // gives what the step met as well
    if (code != SQLITE_OK) fail(file, to.get(), code);

    if (stop.stop_requested()) throw core::Unavailable("the copy was stopped");

    // The copied pages say that there is a WAL; the setting is kept in the file and synced with it.
    code = ::sqlite3_exec(to.get(), "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(file, to.get(), code);
}

}  // namespace souk::db::sqlite
