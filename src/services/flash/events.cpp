#include "services/flash/events.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace souk::flash {
namespace {

// More than this behind, a listener has missed something and is closed.
constexpr std::size_t happenings_max = 65'536;

OrderState state_of(const PendingOrder& order) {
    if (order.phase == Phase::cancelled) return OrderState::cancelled;
    return order.has_failed ? OrderState::failed : OrderState::confirmed;
}

}  // namespace

std::size_t Events::IdHash::operator()(const OrderId& id) const {
    std::uint64_t bits = 0;  // the random ones; the map mixes them
    std::memcpy(&bits, id.bytes.data() + 8, sizeof bits);
    return bits;
}

void Events::sale_started(std::string_view product_id, std::int64_t quantity) {
    auto id = std::make_shared<const std::string>(product_id);
    const std::lock_guard lock(mutex_);
    started_.push_back({Happening::Kind::init, std::move(id), quantity});
}

bool Events::is_watched(const OrderId& id) const { return watched_.contains(id); }

void Events::order_changed(const OrderId& id, OrderState state) {
    if (watched_count_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(mutex_);
    if (is_watched(id)) orders_.push_back({id, state});
}

void Events::orders_written(std::span<const LogEntry> entries) {
    if (watched_count_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(mutex_);
    for (const LogEntry& entry : entries) {
        if (entry.kind != LogEntry::Kind::order || !is_watched(entry.order->record.id)) continue;
        orders_.push_back({entry.order->record.id, state_of(*entry.order)});
    }
}

void Events::orders_settled(std::span<const LogEntry> entries) {
    if (watched_count_.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard lock(mutex_);
    for (const LogEntry& entry : entries) {
        if (!is_watched(entry.order->record.id)) continue;
        const bool is_order = entry.kind == LogEntry::Kind::order;
        orders_.push_back(
            {entry.order->record.id, is_order ? OrderState::pending : OrderState::cancelled});
    }
}

void Events::update() {
    const std::vector<Gate::Change> changes = gate_.take_changes();
    std::vector<OrderNote> orders;
    std::vector<std::shared_ptr<EventsListener>> listeners;
    bool is_news = !changes.empty();
    {
        const std::lock_guard lock(mutex_);
        is_news = is_news || !started_.empty() || !orders_.empty();
        for (Happening& started : std::exchange(started_, {})) add(std::move(started));
        for (const Gate::Change& change : changes) note_stock(change);
        has_baseline_ = true;
        orders.swap(orders_);
        if (is_news) {
            for (const auto& each : listeners_) listeners.push_back(each.lock());
        }
    }
    if (!is_news) return;
    const auto notes = std::make_shared<const std::vector<OrderNote>>(std::move(orders));
    for (const auto& listener : listeners) {
        if (listener) listener->updated(notes);
    }
}

// A product is sold out once for every time its count reaches zero. What was so before the start is
// no news.
void Events::note_stock(const Gate::Change& change) {
    auto found = products_.find(change.product_id);
    if (found == products_.end()) {
        auto made = std::make_unique<Product>();
        made->id = change.product_id;
        const std::string_view id = made->id;
        found = products_.emplace(id, std::move(made)).first;
        if (!has_baseline_) found->second->epoch = change.epoch;
    }
    Product& product = *found->second;
    const bool is_new_sale = product.epoch != change.epoch;
    const bool is_known = product.changed_at > 0;
    if (is_known && !is_new_sale && product.stock == change.stock) return;
    const bool sells_out = change.stock == 0 && (is_new_sale || (is_known && product.stock > 0));
    if (is_known) by_change_.erase(product.changed_at);
    product.epoch = change.epoch;
    product.stock = change.stock;
    product.changed_at = ++last_change_;
    by_change_.emplace(product.changed_at, &product);
    if (sells_out)
        add({Happening::Kind::sold_out, std::make_shared<const std::string>(product.id)});
}

void Events::add(Happening happening) {
    happenings_.push_back(std::move(happening));
    if (happenings_.size() > happenings_max) happenings_.pop_front();
    ++last_happening_;
}

void Events::join(const std::shared_ptr<EventsListener>& listener) {
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const auto& each) { return each.expired(); });
    listeners_.push_back(listener);
}

void Events::watch(const OrderId& id) {
    const std::lock_guard lock(mutex_);
    ++watched_[id];
    watched_count_ = watched_.size();
}

void Events::unwatch(const OrderId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = watched_.find(id);
    if (found != watched_.end() && --found->second == 0) watched_.erase(found);
    watched_count_ = watched_.size();
}

std::optional<Events::Product> Events::next_change(std::uint64_t change) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_change_.upper_bound(change);
    if (found == by_change_.end()) return std::nullopt;
    return *found->second;
}

std::optional<Events::Product> Events::changed_since(const std::string& product_id,
                                                     std::uint64_t change) const {
    const std::lock_guard lock(mutex_);
    const auto found = products_.find(product_id);
    if (found == products_.end() || found->second->changed_at <= change) return std::nullopt;
    return *found->second;
}

std::uint64_t Events::first_news() const {
    const std::lock_guard lock(mutex_);
    return last_happening_ + started_.size() + 1;
}

Events::Found Events::happening(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t last = last_happening_;
    if (number > last) return {};
    const std::uint64_t first = last - happenings_.size() + 1;
    if (number < first) return {std::nullopt, true};
    return {happenings_[number - first], false};
}

}  // namespace souk::flash
