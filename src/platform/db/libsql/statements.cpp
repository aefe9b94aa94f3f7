#include "platform/db/libsql/statements.h"

#include "platform/db/libsql/attempts.h"
#include "platform/db/libsql/request.h"
#include "platform/db/libsql/stream.h"

#include <utility>

namespace souk::db::libsql {
namespace {

// All that is known of a list of statements before it is sent.
struct Plan {
    explicit Plan(const std::vector<Statement>& statements) : begin(add_begin(batch)) {
        for (const Statement& each : statements) batch.add(each.sql.sqlite, each.values);
        commit = batch.add("COMMIT");
        batch.otherwise(commit, "ROLLBACK");
    }

    Batch batch;
    const std::size_t begin;
    std::size_t commit = 0;
};

std::vector<Rows> results_of(Steps steps, const Plan& plan) {
    std::vector<Rows> results;
    for (std::size_t step = plan.begin + 1; step < plan.commit; ++step)
        results.push_back(steps.take(step));
    return results;
}

}  // namespace

core::Task<Rows> read(Server& server, const char* sql, Values values) {
    const boost::json::array requests{execute(sql, values), close()};
    Attempts attempts(server.timeout());
    const Lane::Turn turn = co_await server.readers().enter(1, attempts.deadline());
    for (;;) {
        Stream stream(server);
        stream.only_read();
        const std::vector<Result> results = co_await stream.ask(requests, attempts.left());
        const std::optional<Trouble>& trouble = results.front().trouble;
        if (!trouble) co_return read_rows(results.front().response);
        const bool may_pass = trouble->is_busy() && co_await attempts.again();
        if (!may_pass) trouble->failure(sql).raise();
    }
}

core::Task<std::vector<Rows>> write_all(Server& server, std::vector<Statement> statements) {
    const Plan plan(statements);
    const boost::json::array requests{plan.batch.request(), close()};
    Attempts attempts(server.timeout());
    const Lane::Turn turn = co_await server.writers().enter(1, attempts.deadline());
    for (;;) {
        Stream stream(server);
        const auto asked = Attempts::Clock::now();
        const std::vector<Result> results = co_await stream.ask(requests, attempts.left());
        if (results.front().trouble) results.front().trouble->failure("a batch").raise();
        Steps steps = read_steps(results.front().response, plan.batch.size());
        if (steps.done[plan.commit]) {
            server.note_commit(Attempts::Clock::now() - asked);
            co_return results_of(std::move(steps), plan);
        }
        const std::size_t at = steps.first_failed_at();
        const Trouble& trouble = steps.first_failed();
        const bool may_pass = at <= plan.begin && trouble.is_busy() && co_await attempts.again();
        if (!may_pass) trouble.failure(plan.batch.sql(at)).raise();
    }
}

}  // namespace souk::db::libsql
