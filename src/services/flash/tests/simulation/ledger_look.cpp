// What the ledger sees in the log and in the database, and after each step.
#include "services/flash/tests/simulation/ledger.h"

#include <algorithm>

namespace souk::flash::simulation {
namespace {

constexpr std::string_view count_tables =
    "SELECT count(*) FROM sqlite_master WHERE name IN ('products', 'orders_archive')";
constexpr std::string_view select_products = "SELECT id, epoch, stock FROM products";
constexpr std::string_view select_orders =
    "SELECT id, state FROM orders UNION ALL SELECT id, state FROM orders_archive "
    "UNION ALL SELECT order_id, 'dead' FROM dead_letters";
constexpr std::string_view select_position = "SELECT position FROM worker_position";

}  // namespace

// The log is read before anything else is done, so what an earlier process left open is known now.
void Ledger::log_read(const std::vector<LogEntry>& entries) {
    if (is_deaf_) return;
    for (auto& [id, order] : orders_) order.in_log = order.cancel_read = false;
    for (const LogEntry& entry : entries) {
        Order* const order = entry.order ? find(entry.order->record.id) : nullptr;
        if (!order) {
            fail("the log has a record that nobody wrote: " + entry.broken_detail, {});
            continue;
        }
        if (entry.kind == LogEntry::Kind::cancellation) {
            order->cancelled_in_log = order->cancel_read = true;
            continue;
        }
        if (order->log == Where::lost)
            fail(order->name + " was said not to be in the log, and is", {order->name});
        order->in_log = true;
        order->log = Where::durable;
        order->position = entry.position;
        restore_key(*order, entry.order->record.accepted_at_ms);
    }
}

// A key's life begins when its record is durable; after a restart it is counted from acceptance.
void Ledger::restore_key(const Order& order, std::int64_t accepted_at_ms) {
    const std::string id = core::to_string(order.id);
    const std::chrono::milliseconds age(core::to_ms(clock_.now()) - accepted_at_ms);
    const std::chrono::milliseconds life = rules_.key_life;
    const auto left = std::clamp(life - age, std::chrono::milliseconds(0), life);
    const auto known = process_.keys.find(order.key);
    const bool is_known = known != process_.keys.end() && known->second.order_id == id;
    const core::Instant must =
        is_known ? known->second.must_live_until : order.appended_at + rules_.key_life;
    const core::Instant may = clock_.instant() + left;
    if (left.count() > 0) {
        process_.keys[order.key] = {id, std::min(must, may), may};
    } else if (is_known) {
        process_.keys.erase(known);
    }
}

void Ledger::look(db::sqlite::Connection& connection) {
    if (is_deaf_) return;
    if (db::integer(connection.run(count_tables, {})[0][0]) < 2) return;
    look_at_products(connection);
    look_at_orders(connection);
    look_at_position(connection);
    check_rows();
}

// A sale is first seen with all its units: no order of it can exist before the gate knows it.
void Ledger::look_at_products(db::sqlite::Connection& connection) {
    const std::map<std::string, Sale> before = std::exchange(rows_, {});
    for (const db::Values& row : connection.run(select_products, {}).rows) {
        const Sale sale{db::text(row[0]), static_cast<Epoch>(db::integer(row[1])),
                        db::integer(row[2])};
        rows_[sale.product_id] = sale;
        const SaleName named{sale.product_id, sale.epoch};
        if (quantities_.contains(named)) continue;
        if (!asked_[sale.product_id].contains(sale.stock))
            fail(sale.product_id + " has a sale nobody asked for", {sale.product_id});
        quantities_[named] = sale.stock;
        story_.tell(sale.product_id, "its row is at sale " + std::to_string(sale.epoch) + " with " +
                                         std::to_string(sale.stock) + " units");
    }
    for (const auto& [product, sale] : before) {
        const auto now = rows_.find(product);
        if (now == rows_.end() || now->second.epoch < sale.epoch)
            fail("sale " + std::to_string(sale.epoch) + " of " + product +
                     " was committed and is gone",
                 {product});
    }
}

void Ledger::look_at_orders(db::sqlite::Connection& connection) {
    std::map<std::string, std::string> states;
    for (const db::Values& row : connection.run(select_orders, {}).rows) {
        const std::string& id = db::text(row[0]);
        if (!orders_.contains(id)) fail("the database has an order that was never admitted", {});
        if (!states.emplace(id, db::text(row[1])).second)
            fail("the database has an order twice", {});
    }
    for (auto& [id, order] : orders_) {
        const auto state = states.find(id);
        if (state != states.end()) {
            look_at_row(order, state->second);
        } else if (order.row && !order.is_retired) {
            look_for_missing(order);
        }
    }
}

void Ledger::look_at_row(Order& order, const std::string& state) {
    if (order.row == state && !order.is_retired) return;
    story_.tell(order.name, "its row is " + state);
    if (state == "failed")
        fail(order.name + " was accepted, and the product's row has no unit for it",
             {order.name, order.product});
    if (order.log != Where::durable)
        fail(order.name + " has a row without having been in the log", {order.name});
    if (state == "confirmed" && order.is_cancelled())
        fail(order.name + " was cancelled and is confirmed now", {order.name});
    if (order.is_retired) fail(order.name + " was retired and is back", {order.name});
    const bool was_confirmed = order.row == "confirmed";
    order.row = state;
    // The gate is told later, or reads it in the row's stock.
    if (was_confirmed && process_.is_recovered) ++process_.to_return[{order.product, order.epoch}];
}

// What was committed stays, but for what retention deletes.
void Ledger::look_for_missing(Order& order) {
    const std::chrono::milliseconds keep = rules_.keep;
    const bool is_old = order.accepted_at_ms < latest_wall_ms_ - keep.count();
    order.is_retired = keep.count() > 0 && !rules_.archive && is_old;
    story_.tell(order.name, "its row is gone");
    if (!order.is_retired)
        fail(
            order.name + " was " + order.row.value_or("") + " in the database, and its row is gone",
            {order.name});
}

void Ledger::look_at_position(db::sqlite::Connection& connection) {
    const db::Rows rows = connection.run(select_position, {});
    if (rows.size() > 1) fail("the database has positions of two logs", {});
    const std::int64_t position = rows.empty() ? 0 : db::integer(rows[0][0]);
    for (const auto& [id, order] : orders_) {
        if (order.log != Where::durable || order.position == 0) continue;
        if (order.row && order.position > position)
            fail(order.name + " is in the database, but the worker's position is before it",
                 {order.name});
        if (!order.row && order.position <= position)
            fail(order.name + " is not in the database, but the worker's position is behind it",
                 {order.name});
    }
}

void Ledger::check_rows() {
    for (const auto& [product, sale] : rows_) {
        std::int64_t sold = 0;
        for (const auto& [id, order] : orders_) {
            const bool is_of_it = order.product == product && order.epoch == sale.epoch;
            if (is_of_it && order.row && !order.is_cancelled()) ++sold;
        }
        const std::int64_t quantity = quantities_[{product, sale.epoch}];
        if (sale.stock == quantity - sold) continue;
        fail("the row of " + product + " has " + std::to_string(sale.stock) +
                 " units; its sale had " + std::to_string(quantity) + " and " +
                 std::to_string(sold) + " orders have theirs",
             {product});
    }
}

void Ledger::stock_seen(const std::string& product, std::int64_t stock) {
    if (is_deaf_) return;
    const std::optional<std::int64_t> expected = expected_stock(product);
    if (!expected || stock == *expected) return;
    const SaleName sale{product, process_.open[product]};
    fail("the gate of " + product + " has " + std::to_string(stock) + " units instead of " +
             std::to_string(*expected) + " (" + std::to_string(quantities_[sale]) +
             " in the sale, " + std::to_string(held(sale)) + " taken)",
         {product});
}

void Ledger::backlog_seen(const Backlog& backlog) {
    latest_wall_ms_ = std::max(latest_wall_ms_, core::to_ms(clock_.now()));
    if (is_deaf_ || !process_.is_recovered) return;
    for (const auto& [id, order] : orders_) {
        if (order.log != Where::durable || order.row || backlog.find(order.id)) continue;
        fail(order.name + " is in the log, not in the database, and not in the backlog either",
             {order.name});
    }
}

void Ledger::recovered() {
    if (is_deaf_) return;
    for (auto& [id, order] : orders_) {
        const bool is_there = order.in_log || order.row;
        if (order.log == Where::durable && !is_there)
            fail(order.name +
                     (order.is_promised ? " was answered with success" : " was in the log") +
                     " and is gone after the restart",
                 {order.name});
        if (!is_there) order.log = Where::lost;
        const bool is_cancelled = order.row ? order.is_cancelled() : order.cancel_read;
        if ((order.cancel_promised || order.cancelled_in_log) && !is_cancelled)
            fail(order.name + " was cancelled, and is not after the restart", {order.name});
    }
    for (const auto& [product, epoch] : promised_sale_) {
        const auto row = rows_.find(product);
        if (row == rows_.end() || row->second.epoch < epoch)
            fail("/init of " + product + " was answered and is gone after the restart", {product});
    }
    process_.is_recovered = true;
}

// Keys live on in the log, where their age is counted by the wall clock: set forward, it may end
// them early at a restart.
void Ledger::clock_set_forward() {
    clock_was_set_forward_ = true;
    if (!process_.is_recovered) process_.keys.clear();
}

void Ledger::process_ended() {
    is_deaf_ = false;
    std::map<std::string, Key> keys;
    if (!clock_was_set_forward_) keys = std::move(process_.keys);
    process_ = Process();
    process_.keys = std::move(keys);
    for (auto& [id, order] : orders_) {
        if (order.log == Where::nowhere) order.log = Where::lost;
    }
}

void Ledger::at_rest(std::size_t backlog) {
    if (is_deaf_) return;
    if (backlog > 0) fail("at rest, and the backlog is not empty", {});
    for (const auto& [id, order] : orders_) {
        if (order.log == Where::on_its_way)
            fail(order.name + " is still undecided at rest", {order.name});
        if (order.log == Where::durable && !order.row)
            fail(order.name + " is in the log and never came into the database", {order.name});
    }
    for (const auto& [sale, units] : process_.to_return) {
        if (process_.open[sale.first] == sale.second && units != process_.returned[sale])
            fail("a cancelled order's unit never came back to the gate of " + sale.first,
                 {sale.first});
    }
    for (const auto& [product, row] : rows_) {
        if (process_.open[product] != row.epoch)
            fail("the gate of " + product + " never heard of its latest sale", {product});
    }
}

}  // namespace souk::flash::simulation
