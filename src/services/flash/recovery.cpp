#include "services/flash/recovery.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash {
namespace {

using Live =
    std::map<std::pair<std::string, Epoch>, std::int64_t>;  // unconsumed orders of each sale

// A clock that was set back or forward makes a key live neither longer than its life nor negative.
std::chrono::milliseconds remaining_life(const OrderRecord& order, const RecoveryParts& parts) {
    const std::int64_t age_ms = core::to_ms(parts.clock.now()) - order.accepted_at_ms;
    const std::chrono::milliseconds life = parts.key_life;
    return std::clamp(life - std::chrono::milliseconds(age_ms), std::chrono::milliseconds(0), life);
}

std::size_t restore_keys(const std::vector<LogEntry>& entries, const RecoveryParts& parts) {
    std::size_t keys = 0;
    for (const LogEntry& entry : entries) {
        if (entry.kind != LogEntry::Kind::order) continue;
        const std::chrono::milliseconds life = remaining_life(entry.order->record, parts);
        if (life.count() == 0) continue;
        parts.gate.restore(entry.order->record, life);
        ++keys;
    }
    return keys;
}

// A cancellation stands behind its order in the log; both are still to be written.
void apply_cancellations(std::vector<LogEntry>& entries) {
    std::map<std::string, PendingOrderPtr> orders;
    for (LogEntry& entry : entries) {
        if (entry.kind == LogEntry::Kind::broken) continue;
        const std::string id = core::to_string(entry.order->record.id);
        if (entry.kind == LogEntry::Kind::order) {
            orders[id] = entry.order;
        } else if (const auto found = orders.find(id); found != orders.end()) {
            found->second->cancelled_at_ms = entry.order->record.accepted_at_ms;
            found->second->phase = Phase::cancelled;
        }
    }
}

using BuyersOfSales = std::map<std::pair<std::string, Epoch>, Buyers>;

void count(BuyersOfSales& sales, const Gate& gate, const Store::Bought& unit) {
    const auto sale = sales.find({unit.product_id, unit.epoch});
    if (sale != sales.end()) ++sale->second[gate.buyer(unit.user_id)];
}

// What the tables know of the sales in force. A sale's beginning is not written down, so all orders
// are looked at.
core::Task<BuyersOfSales> read_buyers(const std::vector<Sale>& sales, const RecoveryParts& parts) {
    BuyersOfSales buyers;
    if (!parts.gate.limits_users()) co_return buyers;
    for (const Sale& sale : sales) buyers[{sale.product_id, sale.epoch}];
    for (const Store::OrderTable table : {Store::OrderTable::orders, Store::OrderTable::archive}) {
        std::optional<std::string> next = "";
        while (next) {
            const Store::BoughtPage page = co_await parts.store.bought(table, std::move(*next));
            for (const Store::Bought& unit : page.units) count(buyers, parts.gate, unit);
            next = page.last;
        }
    }
    const std::vector<Store::Bought> dead = co_await parts.store.bought_dead();
    for (const Store::Bought& unit : dead) count(buyers, parts.gate, unit);
    co_return buyers;
}

}  // namespace

// The position comes first: when it is known the predecessor's last commit is decided, and all that
// is read after it agrees with it.
core::Task<Recovered> recover(RecoveryParts parts) {
    const std::int64_t position = co_await parts.store.settled_position(parts.log.identity());
    const std::vector<Sale> sales = co_await parts.store.sales();
    BuyersOfSales buyers = co_await read_buyers(sales, parts);
    std::vector<LogEntry> entries = parts.log.stored();

    Recovered recovered;
    recovered.products = sales.size();
    recovered.keys = restore_keys(entries, parts);
    std::erase_if(entries,
                  [position](const LogEntry& entry) { return entry.position <= position; });
    apply_cancellations(entries);
    Live live;
    for (const LogEntry& entry : entries) {
        if (entry.kind != LogEntry::Kind::order) continue;
        parts.backlog.restore(entry.order);
        entry.order->handed_over.set();
        ++recovered.backlog;
        const OrderRecord& order = entry.order->record;
        if (entry.order->phase == Phase::cancelled) continue;
        ++live[{order.product_id, order.epoch}];
        if (parts.gate.limits_users())
            count(buyers, parts.gate, {order.product_id, order.epoch, order.user_id});
    }
    for (Sale sale : sales) {
        const auto found = live.find({sale.product_id, sale.epoch});
        const std::int64_t unwritten = found == live.end() ? 0 : found->second;
        recovered.short_units +=
            static_cast<std::size_t>(std::max<std::int64_t>(0, unwritten - sale.stock));
        sale.stock = std::max<std::int64_t>(0, sale.stock - unwritten);
        parts.gate.open_sale(sale);
    }
    for (auto& [sale, known] : buyers) {
        recovered.buyers += known.size();
        parts.gate.restore_buyers(sale.first, sale.second, std::move(known));
    }
    parts.backlog.enqueue(entries);
    parts.log.consumed(position);
    co_return recovered;
}

}  // namespace souk::flash
