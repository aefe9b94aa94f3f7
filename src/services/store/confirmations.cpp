#include "services/store/confirmations.h"

#include "platform/jobs/jobs.h"
#include "services/store/store_rows.h"

#include <utility>

namespace souk::store {
namespace {

constexpr db::Sql select_confirmations = R"(
    SELECT id, name, email, total_amount, item_count, created_at, confirmation, attempts, last_error
    FROM (SELECT orders.id, orders.name, users.email, total_amount, item_count, created_at,
                 CASE WHEN jobs.state IS NULL THEN 'settled'
                      WHEN jobs.state = 'given_up' THEN 'failed' ELSE 'pending' END AS confirmation,
                 coalesce(jobs.attempts, 0) AS attempts, jobs.last_error
          FROM orders JOIN users ON users.id = orders.user_id
               LEFT JOIN jobs ON jobs.kind = 'order.confirm'
                             AND jobs.payload = CAST(orders.id AS TEXT)) AS confirmations
    WHERE ($1 = '' OR confirmation = $1) ORDER BY id DESC LIMIT $2)";
constexpr db::Sql select_given_up = R"(
    SELECT CAST(payload AS BIGINT) FROM jobs
    WHERE kind = 'order.confirm' AND state = 'given_up' ORDER BY id)";
// On PostgreSQL the row is locked: of two who ask at the same time the second finds the first's
// job. SQLite has one writer.
constexpr db::Sql lock_order("SELECT id FROM orders WHERE id = $1",
                             "SELECT id FROM orders WHERE id = $1 FOR NO KEY UPDATE");
constexpr db::Sql select_job = "SELECT id FROM jobs WHERE kind = 'order.confirm' AND payload = $1";

ConfirmationRow read_row(const db::Values& row) {
    return {.order_id = db::integer(row[0]),
            .name = db::text(row[1]),
            .email = db::text(row[2]),
            .total_amount = db::integer(row[3]),
            .item_count = db::integer(row[4]),
            .created_at_ms = db::integer(row[5]),
            .confirmation = db::text(row[6]),
            .attempts = db::integer(row[7]),
            .last_error = text_or_empty(row[8])};
}

// Its old job begins again if that was given up; a new one is made only when there is none.
core::Task<bool> resend_one(db::Database& database, std::int64_t order_id, core::Time now) {
    const std::string payload = std::to_string(order_id);
    db::Transaction transaction = co_await database.begin();
    const db::Rows order = co_await transaction.run(lock_order, order_id);
    if (order.empty()) co_return false;
    const db::Rows revived = co_await transaction.run(jobs::retry(confirm_kind, payload, now));
    if (revived.changed == 0) {
        const db::Rows job = co_await transaction.run(select_job, payload);
        if (!job.empty()) co_return false;
        co_await transaction.run(jobs::enqueue(confirm_kind, payload, now));
    }
    co_await transaction.commit();
    co_return true;
}

}  // namespace

core::Task<std::vector<ConfirmationRow>> list_confirmations(db::Database& database,
                                                            ConfirmationFilter filter) {
    const db::Rows rows =
        co_await database.read(select_confirmations, std::move(filter.confirmation), filter.limit);
    std::vector<ConfirmationRow> confirmations;
    for (const db::Values& row : rows.rows) confirmations.push_back(read_row(row));
    co_return confirmations;
}

core::Task<std::int64_t> resend_confirmations(db::Database& database,
                                              std::optional<std::int64_t> order_id,
                                              core::Time now) {
    std::vector<std::int64_t> wanted;
    if (order_id) {
        wanted.push_back(*order_id);
    } else {
        const db::Rows rows = co_await database.read(select_given_up);
        for (const db::Values& row : rows.rows) wanted.push_back(db::integer(row[0]));
    }
    std::int64_t queued = 0;
    for (const std::int64_t each : wanted) {
        const bool was_queued = co_await resend_one(database, each, now);
        queued += was_queued ? 1 : 0;
    }
    co_return queued;
}

}  // namespace souk::store
