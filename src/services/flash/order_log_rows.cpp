#include "services/flash/order_log_rows.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace souk::flash {
namespace {

constexpr std::string_view insert_entry = R"(
    INSERT INTO log (position, kind, order_id, product_id, user_id, idempotency_key, epoch, accepted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8))";
constexpr std::int64_t kind_order = 0;
constexpr std::int64_t kind_cancellation = 1;

LogEntry broken_entry(std::int64_t position, const std::string& why,
                      const db::sqlite::Statement& row) {
    std::string detail = why + ":";
    for (int column = 1; column < row.columns(); ++column) {
        detail += " " + std::string(row.is_null(column) ? "null" : row.text(column));
    }
    return {.kind = LogEntry::Kind::broken,
            .order = nullptr,
            .position = position,
            .broken_detail = detail,
            .decided = nullptr};
}

}  // namespace

void insert_row(db::sqlite::Connection& connection, const LogEntry& entry) {
    const OrderRecord& order = entry.order->record;
    const bool is_order = entry.kind == LogEntry::Kind::order;
    const std::array<char, 36> id = core::to_chars(order.id);
    db::sqlite::Statement& statement = connection.prepare(insert_entry);
    statement.bind(1, entry.position);
    statement.bind(2, is_order ? kind_order : kind_cancellation);
    statement.bind(3, std::string_view(id.data(), id.size()));
    statement.bind(4, std::string_view(order.product_id));
    statement.bind(5, std::string_view(order.user_id));
    statement.bind(6, std::string_view(order.key));
    statement.bind(7, std::int64_t{order.epoch});
    statement.bind(8, is_order ? order.accepted_at_ms : entry.order->cancelled_at_ms.load());
    statement.step();
}

LogEntry read_row(const db::sqlite::Statement& row) {
    const std::int64_t position = row.integer(0);
    const std::int64_t kind = row.integer(1);
    const std::optional<OrderId> id = core::parse_uuid(row.text(2));
    if (!id) return broken_entry(position, "the order id is no UUID", row);
    if (kind != kind_order && kind != kind_cancellation)
        return broken_entry(position, "unknown kind of record", row);
    const std::int64_t epoch = row.integer(6);
    if (!std::in_range<Epoch>(epoch))
        return broken_entry(position, "the sale's number is out of range", row);
    OrderRecord record{.id = *id,
                       .product_id = std::string(row.text(3)),
                       .user_id = std::string(row.text(4)),
                       .key = std::string(row.text(5)),
                       .epoch = static_cast<Epoch>(epoch),
                       .accepted_at_ms = row.integer(7)};
    const bool is_order = kind == kind_order;
    if (is_order && (record.product_id.empty() || record.user_id.empty() || record.key.empty())) {
        return broken_entry(position, "product, user or key is empty", row);
    }
    return {.kind = is_order ? LogEntry::Kind::order : LogEntry::Kind::cancellation,
            .order = std::make_shared<PendingOrder>(std::move(record), Phase::pending),
            .position = position,
            .broken_detail = {},
            .decided = nullptr};
}

}  // namespace souk::flash
