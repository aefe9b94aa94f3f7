#include "services/flash/store.h"

#include "platform/core/hash.h"
#include "services/flash/dead_letters.h"
#include "services/flash/order_rows.h"

#include <algorithm>
#include <map>
#include <utility>

namespace souk::flash {
namespace {

constexpr db::Sql select_one = "SELECT 1";
constexpr db::Sql upsert_sale = R"(
    INSERT INTO products (id, stock, epoch, quantity) VALUES ($1, $2, 1, $2)
    ON CONFLICT (id) DO UPDATE SET stock = excluded.stock, epoch = products.epoch + 1,
                                   quantity = excluded.quantity
    RETURNING epoch)";
constexpr db::Sql select_sales = "SELECT id, epoch, stock, quantity FROM products";
constexpr db::Sql select_sale = "SELECT epoch, stock FROM products WHERE id = $1";
constexpr db::Sql lower_stock_by = R"(
    UPDATE products SET stock = stock - $3 WHERE id = $1 AND epoch = $2 AND stock >= $3)";
constexpr db::Sql empty_stock = "UPDATE products SET stock = 0 WHERE id = $1 AND epoch = $2";
constexpr db::Sql fail_order = "UPDATE orders SET state = 'failed' WHERE id = $1";
constexpr db::Sql upsert_serving = R"(
    INSERT INTO serving (one, log) VALUES (1, $1)
    ON CONFLICT (one) DO UPDATE SET log = excluded.log)";
constexpr db::Sql select_serving = "SELECT log FROM serving";
constexpr db::Sql select_table_serving("SELECT 1 FROM sqlite_schema WHERE name = 'serving'",
                                       "SELECT 1 WHERE to_regclass('serving') IS NOT NULL");
constexpr db::Sql delete_serving = "DELETE FROM serving WHERE log = $1";
constexpr db::Sql select_position = "SELECT position FROM worker_position WHERE log = $1";
// Waits for the row as every writer of it does, and leaves it as it is.
constexpr db::Sql lock_position = R"(
    INSERT INTO worker_position (log, position) VALUES ($1, 0)
    ON CONFLICT (log) DO UPDATE SET position = worker_position.position
    RETURNING position)";
constexpr db::Sql upsert_position = R"(
    INSERT INTO worker_position (log, position) VALUES ($1, $2)
    ON CONFLICT (log) DO UPDATE SET position = excluded.position)";
constexpr db::Sql select_dead_order = R"(
    SELECT order_id, product_id, user_id, 'failed', accepted_at, accepted_at, record FROM dead_letters
    WHERE order_id = $1 OR idempotency_key = $1 ORDER BY accepted_at DESC LIMIT 1)";
constexpr db::Sql select_order = R"(
    SELECT id, product_id, user_id, state, accepted_at, updated_at FROM orders WHERE id = $1
    UNION ALL SELECT id, product_id, user_id, state, accepted_at, updated_at FROM orders_archive WHERE id = $1)";
constexpr db::Sql select_order_by_key = R"(
    WITH RECURSIVE bucket(n) AS (
        SELECT max(newest) FROM (SELECT max(key_bucket) AS newest FROM orders
                                 UNION ALL SELECT max(key_bucket) FROM orders_archive) AS tables
        UNION ALL SELECT n - 1 FROM bucket WHERE n > 0)
    SELECT id, product_id, user_id, state, accepted_at, updated_at FROM bucket CROSS JOIN orders
    WHERE key_bucket = n AND key_hash = $1 AND idempotency_key = $2
    UNION ALL SELECT id, product_id, user_id, state, accepted_at, updated_at FROM bucket CROSS JOIN orders_archive
    WHERE key_bucket = n AND key_hash = $1 AND idempotency_key = $2
    ORDER BY accepted_at DESC, id DESC LIMIT 1)";

constexpr db::Sql cancel_order = R"(
    UPDATE orders SET state = 'cancelled', updated_at = $2
    WHERE id = $1 AND state = 'confirmed' AND accepted_at >= $3 RETURNING product_id, epoch, user_id)";
constexpr db::Sql return_unit =
    "UPDATE products SET stock = stock + 1 WHERE id = $1 AND epoch = $2";
constexpr db::Sql select_cancelled(
    "SELECT product_id, epoch, user_id, state FROM orders WHERE id = $1",
    "SELECT product_id, epoch, user_id, state FROM orders WHERE id = $1 FOR UPDATE");

OrderState read_state(const std::string& text) {
    for (const OrderState state :
         {OrderState::pending, OrderState::confirmed, OrderState::cancelled}) {
        if (text == name(state)) return state;
    }
    return OrderState::failed;
}

std::optional<OrderStatus> read_status(const db::Rows& rows) {
    if (rows.empty()) return std::nullopt;
    const db::Values& row = rows[0];
    const std::optional<OrderId> id = core::parse_uuid(db::text(row[0]));
    if (!id) return std::nullopt;  // a row another program put there
    return OrderStatus{.id = *id,
                       .product_id = db::text(row[1]),
                       .user_id = db::is_null(row[2]) ? std::string() : db::text(row[2]),
                       .state = read_state(db::text(row[3])),
                       .accepted_at_ms = db::is_null(row[4]) ? 0 : db::integer(row[4]),
                       .updated_at_ms = db::is_null(row[5]) ? 0 : db::integer(row[5])};
}

Store::Returned read_returned(const db::Values& row) {
    return {db::text(row[0]), static_cast<Epoch>(db::integer(row[1])), db::text(row[2])};
}

bool is_cancelled(const LogEntry& entry) { return entry.order->phase == Phase::cancelled; }

db::Values row_of(const LogEntry& entry, std::int64_t now_ms) {
    const bool cancelled = is_cancelled(entry);
    return order_row(entry.order->record,
                     {.state = cancelled ? OrderState::cancelled : OrderState::confirmed,
                      .updated_at_ms = cancelled ? entry.order->cancelled_at_ms.load() : now_ms,
                      .position = entry.position});
}

}  // namespace

core::Task<> Store::ping() { co_await database_.read(select_one); }

core::Task<Epoch> Store::open_sale(std::string product_id, std::int64_t quantity) {
    const db::Rows rows = co_await database_.write(upsert_sale, product_id, quantity);
    co_return static_cast<Epoch>(db::integer(rows[0][0]));
}

core::Task<std::vector<Sale>> Store::sales() {
    const db::Rows rows = co_await database_.read(select_sales);
    std::vector<Sale> all;
    all.reserve(rows.size());
    for (const db::Values& row : rows.rows) {
        Sale sale{db::text(row[0]), static_cast<Epoch>(db::integer(row[1])), db::integer(row[2])};
        if (!db::is_null(row[3])) sale.quantity = db::integer(row[3]);
        all.push_back(std::move(sale));
    }
    co_return all;
}

core::Task<bool> Store::has_tables() {
    const db::Rows rows = co_await database_.read(select_table_serving);
    co_return !rows.empty();
}

core::Task<std::string> Store::serving() {
    const db::Rows rows = co_await database_.read(select_serving);
    co_return rows.empty() ? std::string() : db::text(rows[0][0]);
}

core::Task<> Store::serve(std::string log_identity) {
    co_await database_.write(upsert_serving, std::move(log_identity));
}

core::Task<> Store::serve_no_more(std::string log_identity) {
    co_await database_.write(delete_serving, std::move(log_identity));
}

core::Task<std::int64_t> Store::position(std::string log_identity) {
    const db::Rows rows = co_await database_.read(select_position, log_identity);
    co_return rows.empty() ? 0 : db::integer(rows[0][0]);
}

core::Task<std::int64_t> Store::settled_position(std::string log_identity) {
    const db::Rows rows = co_await database_.write(lock_position, std::move(log_identity));
    co_return db::integer(rows[0][0]);
}

core::Task<std::int64_t> Store::settled_position(db::Transaction& transaction,
                                                 std::string log_identity) {
    const db::Rows rows = co_await transaction.run(lock_position, std::move(log_identity));
    co_return db::integer(rows[0][0]);
}

core::Task<> Store::set_position(std::string log_identity, std::int64_t position) {
    co_await database_.write(upsert_position, std::move(log_identity), position);
}

core::Task<db::Transaction> Store::begin() {
    db::Transaction transaction = co_await database_.begin();
    co_await transaction.run(
        select_one);  // an engine that hangs is found out before anything is claimed
    co_return transaction;
}

core::Task<std::size_t> Store::persist(db::Transaction& transaction, std::string log_identity,
                                       std::span<const LogEntry> entries) {
    std::vector<const LogEntry*> orders;
    std::vector<db::Values> rows;
    for (const LogEntry& entry : entries) {
        if (entry.order) entry.order->has_failed = false;  // an earlier try was not carried out
        if (entry.kind == LogEntry::Kind::broken) {
            co_await bury(transaction, log_identity, entry, true);
        } else if (entry.kind == LogEntry::Kind::order) {
            orders.push_back(&entry);
            rows.push_back(row_of(entry, core::to_ms(clock_.now())));
        }
    }
    const std::vector<std::int64_t> changed =
        co_await transaction.run_many(insert_order, std::move(rows));
    std::vector<const LogEntry*> sold;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        if (changed[i] > 0 && !is_cancelled(*orders[i])) sold.push_back(orders[i]);
    }
    const std::size_t failed = co_await lower_stock(transaction, std::move(sold));
    co_await move_position(transaction, std::move(log_identity), entries.back().position);
    co_return failed;
}

// One update per sale, in one order for everyone, so that two writers cannot wait for each other.
core::Task<std::size_t> Store::lower_stock(db::Transaction& transaction,
                                           std::vector<const LogEntry*> sold) {
    std::map<std::pair<std::string, Epoch>, std::vector<const LogEntry*>> by_sale;
    for (const LogEntry* entry : sold) {
        by_sale[{entry->order->record.product_id, entry->order->record.epoch}].push_back(entry);
    }
    std::vector<db::Values> rows;
    for (const auto& [sale, entries] : by_sale) {
        rows.push_back(db::values(sale.first, sale.second, entries.size()));
    }
    const std::vector<std::int64_t> changed =
        co_await transaction.run_many(lower_stock_by, std::move(rows));
    std::size_t failed = 0;
    std::size_t i = 0;
    for (const auto& [sale, entries] : by_sale) {
        if (changed[i++] == 0) failed += co_await reconcile(transaction, entries);
    }
    co_return failed;
}

// The row does not have a unit for each. An order of an earlier sale needs none (F1); the others
// are kept, and those beyond what the row has are marked for reconciliation (F11).
core::Task<std::size_t> Store::reconcile(db::Transaction& transaction,
                                         std::vector<const LogEntry*> of_one_sale) {
    const OrderRecord& order = of_one_sale.front()->order->record;
    const db::Rows row = co_await transaction.run(select_sale, order.product_id);
    const std::int64_t epoch = row.empty() ? 0 : db::integer(row[0][0]);
    if (epoch > std::int64_t{order.epoch}) co_return 0;

    const std::int64_t left = epoch == std::int64_t{order.epoch} ? db::integer(row[0][1]) : 0;
    if (left > 0) co_await transaction.run(empty_stock, order.product_id, order.epoch);
    std::vector<db::Values> failed;
    for (auto i = static_cast<std::size_t>(std::max<std::int64_t>(left, 0)); i < of_one_sale.size();
         ++i) {
        of_one_sale[i]->order->has_failed = true;
        failed.push_back(db::values(core::to_string(of_one_sale[i]->order->record.id)));
    }
    const std::size_t count = failed.size();
    co_await transaction.run_many(fail_order, std::move(failed));
    co_return count;
}

core::Task<> Store::move_position(db::Transaction& transaction, std::string log_identity,
                                  std::int64_t position) {
    co_await transaction.run(upsert_position, log_identity, position);
}

core::Task<std::optional<OrderStatus>> Store::find_dead(std::string reference) {
    const db::Rows rows = co_await database_.read(select_dead_order, std::move(reference));
    std::optional<OrderStatus> found = read_status(rows);
    if (!found) co_return std::nullopt;
    if (const auto cancelled_at = read_cancelled_at(db::text(rows[0][6]))) {
        found->state = OrderState::cancelled;
        found->updated_at_ms = *cancelled_at;
    }
    co_return found;
}

core::Task<std::optional<Store::Returned>> Store::cancel_confirmed(OrderId id,
                                                                   std::chrono::seconds window) {
    const std::int64_t now_ms = core::to_ms(clock_.now());
    const std::int64_t oldest_ms = core::to_ms(clock_.now() - window);
    db::Transaction transaction = co_await database_.begin();
    const db::Rows changed =
        co_await transaction.run(cancel_order, core::to_string(id), now_ms, oldest_ms);
    if (changed.empty()) co_return std::nullopt;

    Returned returned = read_returned(changed[0]);
    co_await transaction.run(return_unit, returned.product_id, returned.epoch);
    co_await transaction.commit();
    co_return returned;
}

core::Task<std::optional<Store::Returned>> Store::find_cancelled(OrderId id) {
    db::Transaction transaction = co_await database_.begin();
    const db::Rows rows = co_await transaction.run(select_cancelled, core::to_string(id));
    if (rows.empty() || db::text(rows[0][3]) != name(OrderState::cancelled)) co_return std::nullopt;
    co_return read_returned(rows[0]);
}

core::Task<std::optional<OrderStatus>> Store::find(OrderId id) {
    const db::Rows rows = co_await database_.read(select_order, core::to_string(id));
    co_return read_status(rows);
}

core::Task<std::optional<OrderStatus>> Store::find_by_key(std::string key) {
    const db::Rows rows = co_await database_.read(select_order_by_key, core::stable_hash(key), key);
    co_return read_status(rows);
}

}  // namespace souk::flash
