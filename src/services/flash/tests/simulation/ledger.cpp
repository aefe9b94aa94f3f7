#include "services/flash/tests/simulation/ledger.h"

#include <algorithm>

namespace souk::flash::simulation {

void Ledger::fail(std::string what, std::vector<std::string> concerned) {
    if (broken_) return;
    story_.tell("", "BROKEN: " + what);
    broken_ = std::move(what);
    concerned_ = std::move(concerned);
}

Ledger::Order* Ledger::find(const OrderId& id) {
    const auto found = orders_.find(core::to_string(id));
    return found == orders_.end() ? nullptr : &found->second;
}

// By id, or the one order with that key when it is the only one.
Ledger::Order* Ledger::find(const std::string& reference) {
    if (const auto found = orders_.find(reference); found != orders_.end()) return &found->second;
    Order* only = nullptr;
    for (auto& [id, order] : orders_) {
        if (order.key != reference || order.log == Where::lost || order.is_released) continue;
        if (only) return nullptr;
        only = &order;
    }
    return only;
}

std::vector<std::string> Ledger::orders() const {
    std::vector<std::string> ids;
    for (const auto& [id, order] : orders_) ids.push_back(id);
    return ids;
}

std::int64_t Ledger::held(const SaleName& sale, std::string_view user) const {
    return std::count_if(orders_.begin(), orders_.end(), [&](const auto& each) {
        const Order& order = each.second;
        const bool is_of_it = order.product == sale.first && order.epoch == sale.second;
        return is_of_it && (user.empty() || order.user == user) && order.holds_a_unit();
    });
}

// What retention deleted a restart does not count any more.
std::int64_t Ledger::retired(const SaleName& sale, std::string_view user) const {
    return std::count_if(orders_.begin(), orders_.end(), [&](const auto& each) {
        const Order& order = each.second;
        const bool is_of_it = order.product == sale.first && order.epoch == sale.second;
        return is_of_it && order.user == user && order.is_retired && order.holds_a_unit();
    });
}

std::int64_t Ledger::untold(const SaleName& sale) {
    return process_.to_return[sale] - process_.returned[sale];
}

// What the gate must have: nullopt when it does not know the product yet.
std::optional<std::int64_t> Ledger::expected_stock(const std::string& product) {
    const auto open = process_.open.find(product);
    if (open == process_.open.end()) return std::nullopt;
    const SaleName sale{product, open->second};
    return quantities_[sale] - held(sale) - untold(sale);
}

const Ledger::Key* Ledger::living_key(const std::string& key) const {
    const auto known = process_.keys.find(key);
    const bool lives =
        known != process_.keys.end() && known->second.must_live_until > clock_.instant();
    return lives ? &known->second : nullptr;
}

Ledger::Asked Ledger::asked(const std::string& reference) {
    const Order* const order = find(reference);
    if (!order) return {};
    return {core::to_string(order->id), order->is_promised, order->confirm_promised,
            order->cancel_promised};
}

void Ledger::sale_asked(const std::string& product, std::int64_t quantity) {
    asked_[product].insert(quantity);
}

void Ledger::sale_answered(const std::string& product, std::int64_t quantity) {
    if (is_deaf_) return;
    story_.tell(product, "/init with " + std::to_string(quantity) + " units is answered");
    const Epoch now = process_.open[product];
    promised_sale_[product] = std::max(promised_sale_[product], now);
    for (const auto& [sale, known] : quantities_) {
        if (sale.first == product && sale.second <= now && known == quantity) return;
    }
    fail("/init of " + product + " was answered, but no sale has " + std::to_string(quantity) +
             " units",
         {product});
}

void Ledger::order_answered(const OrderId& id, const std::string& key, bool is_duplicate) {
    if (is_deaf_) return;
    Order* const order = find(id);
    if (!order) return fail("an answer names an order that was never admitted", {key});
    order->is_promised = true;
    story_.tell(order->name, is_duplicate ? "answered as ignored" : "answered with success");
    if (order->key != key) fail(order->name + " was answered for another key", {order->name, key});
    if (order->log != Where::durable)
        fail(order->name + " was answered before it was in the log", {order->name, key});
}

void Ledger::cancel_answered(const Asked& about) {
    if (is_deaf_) return;
    Order* const order = find(about.id);
    if (!order) return;
    order->cancel_promised = true;
    story_.tell(order->name, "answered as cancelled");
    if (!order->is_cancelled())
        fail(order->name + " was answered as cancelled, and neither log nor database says so",
             {order->name});
}

// A state only goes forward, from what had been promised when the client asked.
void Ledger::status_answered(const Asked& about, const OrderStatus& status) {
    if (is_deaf_) return;
    Order* const order = find(status.id);
    if (!order) return fail("/status names an order that was never admitted", {});
    const bool is_same = about.id == core::to_string(status.id);
    const OrderState said = status.state;
    const bool too_early = (said == OrderState::cancelled && !order->is_cancelled()) ||
                           (said == OrderState::confirmed && !order->row) ||
                           (said == OrderState::failed && order->row != "dead");
    const bool goes_back = is_same && ((about.is_cancelled && said != OrderState::cancelled) ||
                                       (about.is_confirmed && said == OrderState::pending));
    if (order->log != Where::durable || too_early || goes_back)
        fail("/status says " + std::string(name(said)) + " of " + order->name, {order->name});
    if (said == OrderState::cancelled) order->cancel_promised = true;
    if (said == OrderState::confirmed) order->confirm_promised = true;
}

void Ledger::not_found_answered(const Asked& about) {
    if (is_deaf_ || !about.is_accepted) return;
    const Order* const order = find(about.id);
    if (order && !order->is_retired)
        fail(order->name + " was answered with success, and now it is not found", {order->name});
}

void Ledger::admission(const Attempt& attempt, const Verdict& verdict) {
    if (is_deaf_) return;
    switch (verdict.admission) {
        case Admission::admitted:
            return check_admitted(attempt, verdict);
        case Admission::sold_out:
            return check_sold_out(attempt);
        case Admission::user_limited:
            return check_user_limited(attempt);
        case Admission::duplicate:
        case Admission::in_flight:
            return check_owner(std::string(attempt.key), verdict);
    }
}

void Ledger::check_sold_out(const Attempt& attempt) {
    const std::string product(attempt.product_id);
    const std::string key(attempt.key);
    const std::int64_t left = expected_stock(product).value_or(0);
    if (left > 0)
        fail(key + " was told that " + product + " is sold out, which has " + std::to_string(left) +
                 " units left",
             {product});
    if (const Key* const known = living_key(key)) {
        const Order& owner = orders_.at(known->order_id);
        fail(key + " was told that " + product + " is sold out, though it is used by " + owner.name,
             {key, product, owner.name});
    }
}

void Ledger::check_user_limited(const Attempt& attempt) {
    const std::string key(attempt.key);
    const std::string user(attempt.user_id);
    const std::string product(attempt.product_id);
    const SaleName sale{product, process_.open[product]};
    const std::int64_t counted = held(sale, user) + untold(sale);
    if (rules_.max_per_user == 0 || counted < std::int64_t{rules_.max_per_user})
        fail(user + " was told to have enough of " + product + ", with " + std::to_string(counted) +
                 " units",
             {product});
    if (const Key* const known = living_key(key)) {
        const Order& owner = orders_.at(known->order_id);
        fail(key + " was told that " + user + " has enough, though it is used by " + owner.name,
             {key, owner.name});
    }
}

void Ledger::check_owner(const std::string& key, const Verdict& verdict) {
    const Order* const owner = find(verdict.order_id);
    if (!owner || owner->key != key || owner->is_released || owner->log == Where::lost)
        return fail(key + " is held by an order that has no right to it", {key});
    const bool is_settled = owner->log == Where::durable;
    if (is_settled != (verdict.admission == Admission::duplicate))
        fail(key + " is said to be " + (is_settled ? "in flight" : "used") + " by " + owner->name,
             {key, owner->name});
    const auto known = process_.keys.find(key);
    const bool may_live =
        known != process_.keys.end() && known->second.may_live_until > clock_.instant();
    if (verdict.admission == Admission::duplicate && !may_live)
        fail(key + " is held beyond its life", {key, owner->name});
}

void Ledger::check_admitted(const Attempt& attempt, const Verdict& verdict) {
    const std::string key(attempt.key);
    for (const auto& [other_id, other] : orders_) {
        const bool is_open = other.log == Where::on_its_way || other.log == Where::nowhere;
        if (other.key == key && is_open && !other.is_released)
            fail(key + " was admitted again while " + other.name + " is being handed over",
                 {key, other.name});
    }
    if (const Key* const known = living_key(key)) {
        const Order& owner = orders_.at(known->order_id);
        fail(key + " was admitted again within the life of " + owner.name, {key, owner.name});
    }
    Order order;
    order.name = "#" + std::to_string(orders_.size() + 1);
    order.id = verdict.order_id;
    order.key = key;
    order.product = std::string(attempt.product_id);
    order.user = std::string(attempt.user_id);
    order.epoch = verdict.epoch;
    const SaleName sale{order.product, order.epoch};
    const std::string order_name = order.name;
    const std::string user = order.user;
    story_.tell(order_name, "admitted: " + key + " of " + user + ", " + sale.first + ", sale " +
                                std::to_string(sale.second));
    orders_.emplace(core::to_string(verdict.order_id), std::move(order));
    if (held(sale) > quantities_[sale])
        fail("sale " + std::to_string(sale.second) + " of " + sale.first + " has " +
                 std::to_string(quantities_[sale]) + " units and " + std::to_string(held(sale)) +
                 " orders",
             {order_name, sale.first});
    const std::int64_t remembered = held(sale, user) - retired(sale, user);
    if (rules_.max_per_user > 0 && remembered > std::int64_t{rules_.max_per_user})
        fail(user + " has more units of " + sale.first + " than one may have",
             {order_name, sale.first});
}

void Ledger::completed(const OrderRecord& order) {
    if (is_deaf_) return;
    const core::Instant until = clock_.instant() + rules_.key_life;
    process_.keys[order.key] = {core::to_string(order.id), until, until};
}

void Ledger::released(const OrderRecord& record) {
    if (is_deaf_) return;
    Order* const order = find(record.id);
    if (!order) return fail("an unknown order was released", {record.key});
    story_.tell(order->name, "unit and key come back");
    if (order->is_released) fail(order->name + " was released twice", {order->name});
    if (order->log == Where::on_its_way || order->log == Where::durable)
        fail(order->name + " was released while it may be in the log", {order->name});
    order->is_released = true;
}

void Ledger::unit_returned(const std::string& product, Epoch epoch) {
    if (is_deaf_) return;
    const SaleName sale{product, epoch};
    story_.tell(product, "a unit of sale " + std::to_string(epoch) + " is returned");
    if (++process_.returned[sale] > process_.to_return[sale])
        fail("a unit of " + product + " was returned for which no order is cancelled", {product});
}

void Ledger::sale_opened(const Sale& sale) {
    if (is_deaf_) return;
    Epoch& open = process_.open[sale.product_id];
    if (sale.epoch <= open) return;
    open = sale.epoch;
    const SaleName named{sale.product_id, sale.epoch};
    story_.tell(sale.product_id, "sale " + std::to_string(sale.epoch) + " is open with " +
                                     std::to_string(sale.stock) + " units");
    const auto quantity = quantities_.find(named);
    if (quantity == quantities_.end())
        return fail("a sale of " + sale.product_id + " was opened that the database does not have",
                    {sale.product_id});
    const std::int64_t taken = held(named);
    if (sale.stock != quantity->second - taken)
        fail("the gate of " + sale.product_id + " was opened with " + std::to_string(sale.stock) +
                 " units; the sale has " + std::to_string(quantity->second) + ", of which " +
                 std::to_string(taken) + " are taken",
             {sale.product_id});
}

void Ledger::appended(const LogEntry& entry) {
    if (is_deaf_) return;
    Order* const order = find(entry.order->record.id);
    if (!order) return fail("an order was handed over that was never admitted", {});
    if (entry.kind != LogEntry::Kind::order) return;
    order->log = Where::on_its_way;
    order->appended_at = clock_.instant();
    order->accepted_at_ms = entry.order->record.accepted_at_ms;
}

void Ledger::settled(std::span<const LogEntry> entries, bool durable) {
    if (is_deaf_) return;
    for (const LogEntry& entry : entries) {
        Order* const order = find(entry.order->record.id);
        if (!order) continue;
        if (entry.kind == LogEntry::Kind::cancellation) {
            settle_cancellation(*order, durable);
            continue;
        }
        story_.tell(order->name, durable ? "is in the log" : "is not in the log");
        if (order->log != Where::on_its_way)
            fail(order->name + " was settled twice", {order->name});
        order->log = durable ? Where::durable : Where::lost;
        order->position = entry.position;
    }
}

void Ledger::settle_cancellation(Order& order, bool durable) {
    story_.tell(order.name, durable ? "its cancel is in the log" : "its cancel is not in the log");
    if (!durable) return;
    if (order.is_cancelled() || order.row)
        fail(order.name + " was cancelled although it is " + order.row.value_or("cancelled"),
             {order.name});
    order.cancelled_in_log = true;
    ++process_.to_return[{order.product, order.epoch}];
}

}  // namespace souk::flash::simulation
