#include "main/commands/doctor/tables.h"

#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace souk::commands {
namespace {

constexpr db::Sql select_version("SELECT sqlite_version()", "SHOW server_version");
constexpr db::Sql select_migrations =
    "SELECT number, checksum FROM souk_migrations ORDER BY number";

constexpr std::int64_t postgres_major_min = 13;

}  // namespace

core::Task<Finding> check_version(std::string check, db::Database& tables, db::Dialect dialect) {
    const bool is_sqlite = dialect == db::Dialect::sqlite;
    const db::Rows rows = co_await tables.read(select_version);
    const std::string version = db::text(rows[0][0]);
    const std::string found =
        tables.describe() + ", " + (is_sqlite ? "SQLite " : "PostgreSQL ") + version;
    const bool is_old =
        !is_sqlite && std::strtoll(version.c_str(), nullptr, 10) < postgres_major_min;
    if (!is_old) co_return ok(check, found);
    co_return Finding{check, "warning", found, "souk is not tried with a version this old",
                      "upgrade PostgreSQL to 15 or later"};
}

core::Task<Finding> check_schema(std::string check, db::Database& tables, db::Migrations known,
                                 db::Dialect dialect) {
    const db::Rows rows = co_await tables.read(select_migrations);
    std::vector<db::Applied> applied;
    for (const db::Values& row : rows.rows)
        applied.push_back({db::integer(row[0]), db::text(row[1])});
    try {
        const std::vector<db::Migration> missing = db::missing(known, applied, dialect);
        if (missing.empty()) co_return ok(check, "up to date");
        co_return ok(check, std::to_string(missing.size()) +
                                " migrations will be applied at the next start");
    } catch (const std::runtime_error& problem) {
        co_return Finding{check, "wrong", problem.what(), "this program does not start on them",
                          "use the version of souk that made them, or a newer one"};
    }
}

}  // namespace souk::commands
