#include "services/flash/reports.h"

#include <map>
#include <utility>

namespace souk::flash {
namespace {

// The newest first: ids rise with time.
constexpr db::Sql select_orders = R"(
    SELECT id, product_id, user_id, state, idempotency_key, epoch, accepted_at, updated_at, 0
    FROM orders WHERE ($1 = '' OR product_id = $1) AND ($2 = '' OR state = $2)
    ORDER BY id DESC LIMIT $3)";
constexpr db::Sql select_archived = R"(
    SELECT id, product_id, user_id, state, idempotency_key, epoch, accepted_at, updated_at, 1
    FROM orders_archive WHERE ($1 = '' OR product_id = $1) AND ($2 = '' OR state = $2)
    ORDER BY id DESC LIMIT $3)";
constexpr db::Sql select_sales = R"(
    SELECT id, epoch, stock FROM products WHERE ($1 = '' OR id = $1) ORDER BY id LIMIT $2)";
constexpr db::Sql count_by_sale = R"(
    SELECT product_id, epoch, state, count(*) FROM orders
    WHERE epoch IS NOT NULL AND ($1 = '' OR product_id = $1)
    GROUP BY product_id, epoch, state)";
// How a timestamp looks as text is for each engine, and its settings, to say: hence the formats.
constexpr db::Sql select_dead_letters = {R"(
    SELECT log, position, record, reason, strftime('%Y-%m-%dT%H:%M:%fZ', created_at)
    FROM dead_letters WHERE ($1 = '' OR record LIKE '% product ' || $1 || ' %')
    ORDER BY created_at DESC, log, position DESC LIMIT $2)",
                                         R"(
    SELECT log, position, record, reason, to_char(created_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    FROM dead_letters WHERE ($1 = '' OR record LIKE '% product ' || $1 || ' %')
    ORDER BY created_at DESC, log, position DESC LIMIT $2)"};

constexpr db::Sql count_letters = "SELECT count(*) FROM dead_letters";

std::int64_t integer_or_0(const db::Value& value) {
    return db::is_null(value) ? 0 : db::integer(value);
}

std::string text_or_empty(const db::Value& value) {
    return db::is_null(value) ? std::string() : db::text(value);
}

OrderRow read_order(const db::Values& row) {
    return {.id = db::text(row[0]),
            .product_id = db::text(row[1]),
            .user_id = db::text(row[2]),
            .state = db::text(row[3]),
            .key = text_or_empty(row[4]),
            .sale = integer_or_0(row[5]),
            .accepted_at_ms = integer_or_0(row[6]),
            .updated_at_ms = integer_or_0(row[7]),
            .is_archived = db::integer(row[8]) != 0};
}

void count(SaleRow& sale, const std::string& state, std::int64_t orders) {
    if (state == "confirmed") sale.confirmed = orders;
    if (state == "cancelled") sale.cancelled = orders;
    if (state == "failed") sale.failed = orders;
}

}  // namespace

core::Task<std::vector<OrderRow>> list_orders(db::Database& database, ReportFilter filter) {
    std::vector<OrderRow> orders;
    const db::Rows recent =
        co_await database.read(select_orders, filter.product, filter.state, filter.limit);
    for (const db::Values& row : recent.rows) orders.push_back(read_order(row));
    const std::int64_t room = filter.limit - static_cast<std::int64_t>(orders.size());
    if (room <= 0) co_return orders;

    const db::Rows archived =
        co_await database.read(select_archived, filter.product, filter.state, room);
    for (const db::Values& row : archived.rows) orders.push_back(read_order(row));
    co_return orders;
}

core::Task<std::vector<SaleRow>> list_sales(db::Database& database, ReportFilter filter) {
    const db::Rows products = co_await database.read(select_sales, filter.product, filter.limit);
    const db::Rows counts = co_await database.read(count_by_sale, filter.product);
    std::vector<SaleRow> sales;
    std::map<std::pair<std::string, std::int64_t>, std::size_t> places;
    for (const db::Values& row : products.rows) {
        places[{db::text(row[0]), db::integer(row[1])}] = sales.size();
        sales.push_back({.product_id = db::text(row[0]),
                         .sale = db::integer(row[1]),
                         .stock = db::integer(row[2])});
    }
    for (const db::Values& row : counts.rows) {
        const auto found = places.find({db::text(row[0]), db::integer(row[1])});
        if (found != places.end())
            count(sales[found->second], db::text(row[2]), db::integer(row[3]));
    }
    co_return sales;
}

core::Task<std::vector<DeadLetterRow>> list_dead_letters(db::Database& database,
                                                         ReportFilter filter) {
    const db::Rows rows = co_await database.read(select_dead_letters, filter.product, filter.limit);
    std::vector<DeadLetterRow> letters;
    for (const db::Values& row : rows.rows) {
        letters.push_back({.log = db::text(row[0]),
                           .position = db::integer(row[1]),
                           .record = db::text(row[2]),
                           .reason = db::text(row[3]),
                           .created_at = text_or_empty(row[4])});
    }
    co_return letters;
}

core::Task<std::int64_t> count_dead_letters(db::Database& database) {
    const db::Rows rows = co_await database.read(count_letters);
    co_return db::integer(rows[0][0]);
}

}  // namespace souk::flash
