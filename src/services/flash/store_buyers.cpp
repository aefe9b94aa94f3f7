// The part of the store that tells who bought what, for a gate that limits its users.
#include "services/flash/dead_letters.h"
#include "services/flash/store.h"

#include <cstddef>
#include <utility>

namespace souk::flash {
namespace {

// Rows, so that a page is read well within the engine's patience and held without care.
constexpr std::size_t page_max = 20'000;

constexpr db::Sql select_orders = R"(
    SELECT id, product_id, epoch, user_id, state FROM orders
    WHERE id > $1 ORDER BY id LIMIT $2)";
constexpr db::Sql select_archived = R"(
    SELECT id, product_id, epoch, user_id, state FROM orders_archive
    WHERE id > $1 ORDER BY id LIMIT $2)";
constexpr db::Sql select_dead_orders = R"(
    SELECT log, position, record FROM dead_letters
    WHERE (log, position) > ($1, $2) AND order_id IS NOT NULL ORDER BY log, position LIMIT $3)";

}  // namespace

core::Task<Store::BoughtPage> Store::bought(OrderTable table, std::string after) {
    const db::Sql select = table == OrderTable::orders ? select_orders : select_archived;
    const db::Rows rows = co_await database_.read(select, std::move(after), page_max);
    BoughtPage page;
    if (rows.size() == page_max) page.last = db::text(rows[rows.size() - 1][0]);
    page.units.reserve(rows.size());
    for (const db::Values& row : rows.rows) {
        const bool is_foreign = db::is_null(row[2]);  // a row another program put there
        if (is_foreign || db::text(row[4]) == name(OrderState::cancelled)) continue;
        page.units.push_back(
            {db::text(row[1]), static_cast<Epoch>(db::integer(row[2])), db::text(row[3])});
    }
    co_return page;
}

core::Task<std::vector<Store::Bought>> Store::bought_dead() {
    std::vector<Bought> units;
    std::string log;
    std::int64_t position = 0;
    for (;;) {
        const db::Rows rows = co_await database_.read(select_dead_orders, log, position, page_max);
        for (const db::Values& row : rows.rows) {
            std::optional<DeadOrder> order = read_dead_letter(db::text(row[2]));
            if (!order || order->cancelled_at_ms) continue;
            units.push_back({std::move(order->record.product_id), order->record.epoch,
                             std::move(order->record.user_id)});
        }
        if (rows.size() < page_max) co_return units;
        log = db::text(rows[rows.size() - 1][0]);
        position = db::integer(rows[rows.size() - 1][1]);
    }
}

}  // namespace souk::flash
