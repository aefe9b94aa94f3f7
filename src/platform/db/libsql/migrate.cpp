#include "platform/db/libsql/migrate.h"

#include "platform/core/clock.h"
#include "platform/core/error.h"
#include "platform/db/libsql/attempts.h"
#include "platform/db/libsql/request.h"
#include "platform/db/libsql/stream.h"
#include "platform/db/migration_plan.h"

#include <utility>

namespace souk::db::libsql {
namespace {

// For one trip, and for the write lock: others wait for the program that is migrating.
constexpr std::chrono::minutes patience{5};

const Result& checked(const Result& result, std::string_view sql) {
    if (result.trouble) result.trouble->failure(sql).raise();
    return result;
}

// Takes the write lock, so that two programs never apply the same one, and looks.
core::Task<std::vector<Applied>> begin(Stream& stream, const Notes& notes) {
    Batch batch;
    const std::size_t begin = add_begin(batch);
    batch.add(notes.create);
    const std::size_t select = batch.add(notes.select);
    const boost::json::array requests{batch.request()};
    Attempts attempts(patience);
    for (;;) {
        const std::vector<Result> results = co_await stream.ask(requests, patience);
        const Steps steps = read_steps(checked(results.front(), "a batch").response, batch.size());
        if (steps.done[select]) {
            std::vector<Applied> applied;
            for (const Values& row : steps.done[select]->rows)
                applied.push_back({integer(row.at(0)), text(row.at(1))});
            co_return applied;
        }
        const Trouble& trouble = steps.first_failed();
        const bool may_pass =
            steps.first_failed_at() <= begin && trouble.is_busy() && co_await attempts.again();
        if (!may_pass) trouble.failure(batch.sql(steps.first_failed_at())).raise();
    }
}

core::Task<> apply(Stream& stream, Migration migration, const Notes& notes) {
    const boost::json::array script{sequence(migration.sqlite)};
    const std::vector<Result> done = co_await stream.ask(script, patience);
    checked(done.front(), migration.sqlite);

    const std::int64_t now_ms = core::to_ms(core::SystemClock().now());
    Batch batch;
    batch.add(notes.insert,
              values(migration.number, migration.name, checksum(migration.sqlite), now_ms));
    const std::size_t commit = batch.add("COMMIT");
    const boost::json::array requests{batch.request()};
    const std::vector<Result> results = co_await stream.ask(requests, patience);
    const Steps steps = read_steps(checked(results.front(), "a batch").response, batch.size());
    if (!steps.done[commit]) steps.first_failed().failure(notes.insert).raise();
}

// What was not committed is rolled back.
core::Task<> close(Stream& stream) {
    if (!stream.is_open()) co_return;
    const boost::json::array requests{execute("ROLLBACK"), libsql::close()};
    try {
        co_await stream.ask(requests, patience);
    } catch (const core::Unavailable&) {
        co_return;  // the server rolls back by itself what a stream has left open
    }
}

// Gives whether there was one to apply.
core::Task<bool> apply_next(Server& server, Migrations migrations, const Notes& notes) {
    Stream stream(server);
    bool has_applied = false;
    std::optional<Failure> failure;
    try {
        const std::vector<Applied> applied = co_await begin(stream, notes);
        const std::vector<Migration> todo = missing(migrations, applied, Dialect::sqlite);
        has_applied = !todo.empty();
        if (has_applied) co_await apply(stream, todo.front(), notes);
    } catch (const std::exception&) {
        failure = Failure::caught();
    }
    co_await close(stream);
    if (failure) failure->raise();
    co_return has_applied;
}

}  // namespace

core::Task<int> migrate(Server& server, Migrations migrations) {
    const Notes notes(migrations, Dialect::sqlite);
    const Lane::Turn turn =
        co_await server.writers().enter_alone(Attempts::Clock::now() + patience);
    int applied = 0;
    while (co_await apply_next(server, migrations, notes)) ++applied;
    co_return applied;
}

}  // namespace souk::db::libsql
