// The part of the store that keeps what cannot be written.
#include "platform/core/escape.h"
#include "services/flash/store.h"

#include <utility>

namespace souk::flash {
namespace {

constexpr db::Sql insert_dead_letter = R"(
    INSERT INTO dead_letters (log, position, record, reason, order_id, idempotency_key, product_id,
                              user_id, accepted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (log, position) DO NOTHING)";
constexpr db::Sql lower_stock_by_one = R"(
    UPDATE products SET stock = stock - 1 WHERE id = $1 AND epoch = $2 AND stock > 0)";

bool is_cancelled(const LogEntry& entry) { return entry.order->phase == Phase::cancelled; }

std::string describe_times(const LogEntry& entry) {
    const PendingOrder& order = *entry.order;
    return " accepted_at " + std::to_string(order.record.accepted_at_ms) +
           (is_cancelled(entry) ? " cancelled_at " + std::to_string(order.cancelled_at_ms) : "");
}

std::string describe(const LogEntry& entry) {
    if (!entry.order) return entry.broken_detail;
    const OrderRecord& order = entry.order->record;
    return "order " + core::to_string(order.id) + " product " + order.product_id + " user " +
           order.user_id + " key " + order.key + " epoch " + std::to_string(order.epoch) +
           describe_times(entry);
}

// When the database takes no text of it either: /status still has to say that it is cancelled.
std::string describe_without_contents(const LogEntry& entry) {
    const bool has_times = entry.kind == LogEntry::Kind::order && is_cancelled(entry);
    return "refused as well" + (has_times ? describe_times(entry) : "");
}

// Whatever a database refused, this it takes.
std::string printable(const std::string& text) {
    std::string safe;
    core::escape_pretty(text, safe);
    return safe;
}

db::Values dead_order_values(const LogEntry& entry, bool with_contents) {
    if (entry.kind != LogEntry::Kind::order) {
        return db::values(db::Null{}, db::Null{}, db::Null{}, db::Null{}, db::Null{});
    }
    const OrderRecord& order = entry.order->record;
    const auto content = [with_contents](const std::string& text) {
        return with_contents ? db::Value(printable(text)) : db::Value(db::Null{});
    };
    return db::values(core::to_string(order.id), content(order.key), order.product_id,
                      content(order.user_id), order.accepted_at_ms);
}

}  // namespace

core::Task<> Store::bury(db::Transaction& transaction, std::string log_identity, LogEntry entry,
                         bool with_contents) {
    const bool is_broken = entry.kind == LogEntry::Kind::broken;
    const std::string reason = is_broken ? "cannot be read" : "the database refused it";
    db::Values row = db::values(
        log_identity, entry.position,
        with_contents ? printable(describe(entry)) : describe_without_contents(entry), reason);
    for (db::Value& value : dead_order_values(entry, with_contents))
        row.push_back(std::move(value));
    std::vector<db::Values> rows;
    rows.push_back(std::move(row));
    const std::vector<std::int64_t> changed =
        co_await transaction.run_many(insert_dead_letter, std::move(rows));
    const bool is_sold = entry.kind == LogEntry::Kind::order && !is_cancelled(entry);
    if (changed[0] > 0 && is_sold) {
        const OrderRecord& order = entry.order->record;
        co_await transaction.run(lower_stock_by_one, order.product_id, order.epoch);
    }
    co_await move_position(transaction, std::move(log_identity), entry.position);
}

}  // namespace souk::flash
