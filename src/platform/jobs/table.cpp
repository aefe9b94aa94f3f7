#include "platform/jobs/table.h"

#include "jobs_schema/schema.h"
#include "platform/json/write.h"

#include <algorithm>
#include <stdexcept>

namespace souk::jobs {
namespace {

constexpr db::Sql insert_job =
    "INSERT INTO jobs (kind, payload, created_at_ms, due_at_ms) VALUES ($1, $2, $3, $3)";

constexpr db::Sql retry_by_id = R"(
    UPDATE jobs SET state = 'waiting', due_at_ms = $2, attempts = 0, taken = 0
    WHERE id = $1 AND state = 'given_up')";

constexpr db::Sql retry_by_payload = R"(
    UPDATE jobs SET state = 'waiting', due_at_ms = $3, attempts = 0, taken = 0
    WHERE kind = $1 AND payload = $2 AND state = 'given_up')";

constexpr db::Sql delete_others = R"(
    DELETE FROM jobs WHERE kind = $1 AND id <> $2 AND state = 'waiting' AND lease_owner IS NULL
        AND schedule IS NULL)";

// A schedule that has become shorter does not wait for the end of the longer one.
constexpr db::Sql insert_schedule = R"(
    INSERT INTO jobs (kind, schedule, payload, created_at_ms, due_at_ms) VALUES ($1, $1, '', $2, $2)
    ON CONFLICT (schedule) DO UPDATE SET due_at_ms = $3 WHERE jobs.due_at_ms > $3)";

// The kinds with their leases come as a JSON object, the ids that are left out as a JSON array.
constexpr db::Sql select_next_due = {
    R"(SELECT due_at_ms FROM jobs
       WHERE state = 'waiting' AND kind IN (SELECT key FROM json_each($1))
         AND id NOT IN (SELECT value FROM json_each($2))
       ORDER BY due_at_ms LIMIT 1)",
    R"(SELECT due_at_ms FROM jobs
       WHERE state = 'waiting' AND $1::jsonb ? kind
         AND id <> ALL (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::bigint))
       ORDER BY due_at_ms LIMIT 1)"};

// The array is made once; PostgreSQL might carry out an IN (SELECT …) once per row, and take more
// than the limit.
constexpr db::Sql take_due = {
    R"(UPDATE jobs SET taken = taken + 1, lease_owner = $2,
           due_at_ms = $1 + (SELECT value FROM json_each($3) WHERE key = jobs.kind)
       WHERE id IN (SELECT id FROM jobs
           WHERE state = 'waiting' AND due_at_ms <= $1
             AND kind IN (SELECT key FROM json_each($3))
             AND id NOT IN (SELECT value FROM json_each($4))
           ORDER BY due_at_ms LIMIT $5)
       RETURNING id, kind, payload, attempts, taken, due_at_ms)",
    R"(UPDATE jobs SET taken = taken + 1, lease_owner = $2,
           due_at_ms = $1::bigint + ($3::jsonb ->> kind)::bigint
       WHERE id = ANY (ARRAY(SELECT id FROM jobs
           WHERE state = 'waiting' AND due_at_ms <= $1::bigint
             AND $3::jsonb ? kind
             AND id <> ALL (ARRAY(SELECT jsonb_array_elements_text($4::jsonb)::bigint))
           ORDER BY due_at_ms LIMIT $5::bigint FOR UPDATE SKIP LOCKED))
       RETURNING id, kind, payload, attempts, taken, due_at_ms)"};

constexpr db::Sql select_ours = "SELECT id FROM jobs WHERE id = $1 AND lease_owner = $2";

constexpr db::Sql delete_ours = "DELETE FROM jobs WHERE id = $1 AND lease_owner = $2";

constexpr db::Sql put_back_ours = R"(
    UPDATE jobs SET due_at_ms = $3, last_error = $4, lease_owner = NULL, attempts = attempts + 1
    WHERE id = $1 AND lease_owner = $2)";

constexpr db::Sql move_on_ours = R"(
    UPDATE jobs SET due_at_ms = $3, last_error = $4, lease_owner = NULL, attempts = 0, taken = 0
    WHERE id = $1 AND lease_owner = $2)";

constexpr db::Sql give_up_ours = R"(
    UPDATE jobs SET state = 'given_up', due_at_ms = $3, last_error = $4, lease_owner = NULL,
        attempts = attempts + 1
    WHERE id = $1 AND lease_owner = $2)";

constexpr db::Sql select_figures = {
    R"(SELECT (SELECT count(*) FROM jobs WHERE state = 'waiting' AND schedule IS NULL),
              (SELECT count(*) FROM jobs WHERE state = 'given_up'),
              (SELECT count(*) FROM jobs WHERE state = 'waiting' AND schedule IS NULL
                 AND kind NOT IN (SELECT key FROM json_each($1))),
              (SELECT min(due_at_ms) FROM jobs WHERE state = 'waiting'
                 AND kind IN (SELECT key FROM json_each($1))))",
    R"(SELECT (SELECT count(*) FROM jobs WHERE state = 'waiting' AND schedule IS NULL),
              (SELECT count(*) FROM jobs WHERE state = 'given_up'),
              (SELECT count(*) FROM jobs WHERE state = 'waiting' AND schedule IS NULL
                 AND NOT $1::jsonb ? kind),
              (SELECT min(due_at_ms) FROM jobs WHERE state = 'waiting' AND $1::jsonb ? kind))"};

constexpr db::Sql select_unknown = {
    R"(SELECT kind, count(*) FROM jobs
       WHERE state = 'waiting' AND schedule IS NULL
         AND kind NOT IN (SELECT key FROM json_each($1))
       GROUP BY kind ORDER BY kind LIMIT 20)",
    R"(SELECT kind, count(*) FROM jobs
       WHERE state = 'waiting' AND schedule IS NULL AND NOT $1::jsonb ? kind
       GROUP BY kind ORDER BY kind LIMIT 20)"};

std::string object_of_leases(const std::vector<Kind>& kinds) {
    json::Output object;
    char before = '{';
    for (const Kind& kind : kinds) {
        object += before;
        before = ',';
        json::write(kind.name, object);
        object += ':';
        object += std::to_string(std::chrono::milliseconds(kind.lease).count());
    }
    object += kinds.empty() ? "{}" : "}";
    return std::string(object);
}

std::string array_of(const Ids& ids) {
    json::Output array;
    json::write(ids, array);
    return std::string(array);
}

db::Sql statement_of(Verdict::Outcome outcome) {
    switch (outcome) {
        case Verdict::Outcome::retried:
            return put_back_ours;
        case Verdict::Outcome::next_round:
            return move_on_ours;
        case Verdict::Outcome::given_up:
            return give_up_ours;
        case Verdict::Outcome::done:
            break;
    }
    return delete_ours;
}

db::Value text_or_null(std::string text) {
    if (text.empty()) return db::Null{};
    return text;
}

}  // namespace

db::Migrations migrations() { return {jobs_schema::migration_list, "jobs"}; }

db::Statement enqueue(std::string kind, std::string payload, core::Time now) {
    if (payload.size() > payload_bytes_max)
        throw std::length_error("the payload of a job is too long");
    return db::statement(insert_job, std::move(kind), std::move(payload), core::to_ms(now));
}

db::Statement forget_others(const Job& job) {
    return db::statement(delete_others, job.kind, job.id);
}

db::Statement retry(std::int64_t id, core::Time now) {
    return db::statement(retry_by_id, id, core::to_ms(now));
}

db::Statement retry(std::string kind, std::string payload, core::Time now) {
    return db::statement(retry_by_payload, std::move(kind), std::move(payload), core::to_ms(now));
}

Table::Table(db::Database& database, const std::vector<Kind>& kinds, std::string owner)
    : database_(database), leases_(object_of_leases(kinds)), owner_(std::move(owner)) {
    for (const Kind& kind : kinds) {
        const std::int64_t every_ms = std::chrono::milliseconds(kind.every).count();
        if (every_ms > 0) schedules_.push_back({kind.name, every_ms});
    }
}

core::Task<> Table::add_schedules(core::Time now) {
    const std::int64_t now_ms = core::to_ms(now);
    std::vector<db::Statement> statements;
    for (const Schedule& each : schedules_) {
        statements.push_back(
            db::statement(insert_schedule, each.kind, now_ms, now_ms + each.every_ms));
    }
    if (!statements.empty()) co_await database_.write_all(std::move(statements));
}

core::Task<std::optional<core::Time>> Table::next_due(Ids except) {
    const db::Rows rows = co_await database_.read(select_next_due, leases_, array_of(except));
    if (rows.empty()) co_return std::nullopt;
    co_return core::from_ms(db::integer(rows[0][0]));
}

core::Task<std::vector<Taken>> Table::take(std::size_t jobs_max, Ids except, core::Time now) {
    const db::Rows rows = co_await database_.write(take_due, core::to_ms(now), owner_, leases_,
                                                   array_of(except), jobs_max);
    std::vector<Taken> all;
    for (const db::Values& row : rows.rows) {
        const std::int64_t attempt = db::integer(row[3]) + 1;
        Job job{.id = db::integer(row[0]),
                .kind = db::text(row[1]),
                .payload = db::text(row[2]),
                .attempt = static_cast<int>(attempt)};
        const auto lost = static_cast<int>(db::integer(row[4]) - attempt);
        all.push_back({std::move(job), lost, core::from_ms(db::integer(row[5]))});
    }
    std::ranges::sort(all, {}, [](const Taken& taken) { return taken.job.id; });
    co_return all;
}

core::Task<bool> Table::is_ours(std::int64_t id) {
    const db::Rows rows = co_await database_.read(select_ours, id, owner_);
    co_return !rows.empty();
}

core::Task<bool> Table::settle(std::int64_t id, Verdict verdict) {
    if (verdict.outcome == Verdict::Outcome::done) {
        const db::Rows gone = co_await database_.write(delete_ours, id, owner_);
        co_return gone.changed > 0;
    }
    const db::Rows left =
        co_await database_.write(statement_of(verdict.outcome), id, owner_,
                                 core::to_ms(verdict.when), text_or_null(std::move(verdict.why)));
    co_return left.changed > 0;
}

core::Task<Figures> Table::figures(core::Time now) {
    const db::Rows rows = co_await database_.read(select_figures, leases_);
    const db::Values& row = rows[0];
    Figures figures{.waiting = db::integer(row[0]),
                    .given_up = db::integer(row[1]),
                    .unknown = db::integer(row[2])};
    if (!db::is_null(row[3])) {
        const auto overdue = now - core::from_ms(db::integer(row[3]));
        figures.oldest =
            std::max(std::chrono::floor<std::chrono::seconds>(overdue), std::chrono::seconds(0));
    }
    co_return figures;
}

core::Task<std::vector<std::pair<std::string, std::int64_t>>> Table::unknown_kinds() {
    const db::Rows rows = co_await database_.read(select_unknown, leases_);
    std::vector<std::pair<std::string, std::int64_t>> kinds;
    for (const db::Values& row : rows.rows)
        kinds.emplace_back(db::text(row[0]), db::integer(row[1]));
    co_return kinds;
}

}  // namespace souk::jobs
