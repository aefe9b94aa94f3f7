#include "platform/db/postgres/migrate.h"

#include "platform/core/clock.h"
#include "platform/db/migration_plan.h"
#include "platform/db/postgres/locks.h"

#include <utility>

namespace souk::db::postgres {
namespace {

// A migration takes as long as it takes, and others wait for the one that is migrating.
constexpr std::chrono::hours patience{1};

constexpr const char* no_timeouts = R"(
    SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '0', false))";
constexpr const char* lock = "SELECT pg_advisory_lock($1)";
constexpr const char* find_schema = "SELECT 1 FROM pg_namespace WHERE nspname = $1";

core::Task<std::vector<Applied>> read_applied(Link& link, const Notes& notes) {
    const Rows rows = co_await link.ask(notes.select.c_str(), {});
    std::vector<Applied> list;
    for (const Values& row : rows.rows) list.push_back({integer(row[0]), text(row[1])});
    co_return list;
}

// Not committed, because of an error, means rolled back: the connection is closed then.
core::Task<> apply(Link& link, Migration migration, const Notes& notes) {
    co_await link.ask("BEGIN", {});
    co_await link.script(std::string(migration.postgres));
    const std::int64_t now_ms = core::to_ms(core::SystemClock().now());
    Values row = values(migration.number, migration.name, checksum(migration.postgres), now_ms);
    co_await link.ask(notes.insert.c_str(), std::move(row));
    co_await link.ask("COMMIT", {});
}

core::Task<int> apply_missing(Link& link, const std::string& schema, Migrations migrations) {
    // A link knows a prepared statement by the address of its text, so these stay where they are.
    const Notes notes(migrations, Dialect::postgres);
    co_await link.connect();
    link.set_patience(patience);
    co_await link.ask(no_timeouts, {});
    co_await link.ask(lock, values(lock_number(schema, "migrate")));
    const Rows found = co_await link.ask(find_schema, values(schema));
    if (found.empty()) co_await link.script("CREATE SCHEMA \"" + schema + "\"");
    co_await link.ask(notes.create.c_str(), {});
    const std::vector<Applied> applied = co_await read_applied(link, notes);
    const std::vector<Migration> todo = missing(migrations, applied, Dialect::postgres);
    for (const Migration& migration : todo) co_await apply(link, migration, notes);
    co_return static_cast<int>(todo.size());
}

}  // namespace

core::Task<> migrate(std::shared_ptr<Link> link, std::string schema, Migrations migrations,
                     Reply<int> reply) {
    try {
        reply.give(co_await apply_missing(*link, schema, migrations));
    } catch (const std::exception&) {
        reply.fail(Failure::caught());
    }
    link->close("migrated");
}

}  // namespace souk::db::postgres
