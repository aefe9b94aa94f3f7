#include "platform/db/sqlite/migrate.h"

#include "platform/core/clock.h"
#include "platform/db/migration_plan.h"

namespace souk::db::sqlite {
namespace {

std::vector<Applied> read_applied(Connection& connection, const Notes& notes) {
    std::vector<Applied> list;
    for (const Values& row : connection.run(notes.select, {}).rows) {
        list.push_back({integer(row[0]), text(row[1])});
    }
    return list;
}

void apply(Connection& connection, const Migration& migration, const Notes& notes) {
    connection.execute(std::string(migration.sqlite).c_str());
    const std::int64_t now_ms = core::to_ms(core::SystemClock().now());
    connection.run(notes.insert,
                   values(migration.number, migration.name, checksum(migration.sqlite), now_ms));
}

// Looks and applies inside one IMMEDIATE transaction, so that two programs never apply the same
// one.
bool apply_next(Connection& connection, Migrations migrations, const Notes& notes) {
    connection.execute("BEGIN IMMEDIATE");
    try {
        connection.execute(notes.create.c_str());
        const std::vector<Migration> todo =
            missing(migrations, read_applied(connection, notes), Dialect::sqlite);
        if (!todo.empty()) apply(connection, todo.front(), notes);
        connection.execute("COMMIT");
        return !todo.empty();
    } catch (...) {
        if (connection.in_transaction()) connection.execute("ROLLBACK");
        throw;
    }
}

}  // namespace

int migrate(Connection& connection, Migrations migrations) {
    const Notes notes(migrations, Dialect::sqlite);
    int applied = 0;
    while (apply_next(connection, migrations, notes)) ++applied;
    return applied;
}

}  // namespace souk::db::sqlite
