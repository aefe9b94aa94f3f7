#include "platform/db/sqlite/migrate.h"

#include "platform/core/clock.h"
#include "platform/db/migration_plan.h"

namespace souk::db::sqlite {
namespace {

constexpr const char* create_table = R"(
    CREATE TABLE IF NOT EXISTS souk_migrations (
        number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,
        applied_at INTEGER NOT NULL))";
constexpr std::string_view select_applied =
    "SELECT number, checksum FROM souk_migrations ORDER BY number";
constexpr std::string_view insert_applied =
    "INSERT INTO souk_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";

std::vector<Applied> read_applied(Connection& connection) {
    std::vector<Applied> list;
    for (const Values& row : connection.run(select_applied, {}).rows) {
        list.push_back({integer(row[0]), text(row[1])});
    }
    return list;
}

void apply(Connection& connection, const Migration& migration) {
    connection.execute(std::string(migration.sqlite).c_str());
    const std::int64_t now_ms = core::to_ms(core::SystemClock().now());
    connection.run(insert_applied,
                   values(migration.number, migration.name, checksum(migration.sqlite), now_ms));
}

// Looks and applies inside one IMMEDIATE transaction, so that two programs never apply the same
// one.
bool apply_next(Connection& connection, Migrations migrations) {
    connection.execute("BEGIN IMMEDIATE");
    try {
        connection.execute(create_table);
        const std::vector<Migration> todo =
            missing(migrations, read_applied(connection), Dialect::sqlite);
        if (!todo.empty()) apply(connection, todo.front());
        connection.execute("COMMIT");
        return !todo.empty();
    } catch (...) {
        if (connection.in_transaction()) connection.execute("ROLLBACK");
        throw;
    }
}

}  // namespace

int migrate(Connection& connection, Migrations migrations) {
    int applied = 0;
    while (apply_next(connection, migrations)) ++applied;
    return applied;
}

}  // namespace souk::db::sqlite
