#include "services/flash/gate_memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace souk::flash {
namespace {

// Keys leave as new ones come: more per step than one order adds, so that the backlog of expired
// keys shrinks, few enough to be no pause.
constexpr int forgotten_per_step = 4;

}  // namespace

MemoryGate::MemoryGate(std::chrono::seconds key_life, const core::Clock& clock,
                       core::Random& random, std::uint32_t max_per_user)
    : key_life_(key_life), max_per_user_(max_per_user), clock_(clock) {
    random.fill(secret_);
}

core::Task<Verdict> MemoryGate::admit(Attempt attempt) { co_return decide(attempt); }

// The atomic step: the shard's lock orders all attempts with one key, the counter all with one
// product.
Verdict MemoryGate::decide(const Attempt& attempt) {
    SaleCounter* const sale = counter(attempt.product_id);
    const Fingerprint print = fingerprint(attempt.key);
    Shard& home = shard(print);
    const core::Instant now = clock_.instant();

    const std::lock_guard lock(home.mutex);
    forget_expired(home, now);
    const auto found = home.slots.find(print);
    if (found != home.slots.end() && found->second.expires_at > now) {
        const Slot& slot = found->second;
        if (sale && !slot.pending()) sale->count_duplicate();
        return {slot.pending() ? Admission::in_flight : Admission::duplicate, 0, slot.order_id};
    }
    if (!sale) return {Admission::sold_out, 0, {}};
    const SaleCounter::Taken taken = take(*sale, attempt.user_id, now);
    if (taken.admission != Admission::admitted) return {taken.admission, 0, {}};

    list_change(*sale);
    home.slots.insert_or_assign(print, Slot{.order_id = attempt.order_id});
    return {Admission::admitted, taken.epoch, attempt.order_id};
}

SaleCounter::Taken MemoryGate::take(SaleCounter& sale, std::string_view user_id,
                                    core::Instant now) const {
    if (!limits_users()) return sale.take(now);
    if (sale.now().stock == 0) return sale.refuse();  // without a look at the user
    return sale.take_for(buyer(user_id), max_per_user_, now);
}

void MemoryGate::complete(const OrderRecord& order) { use_key(order.key, order.id, key_life_); }

void MemoryGate::release(const OrderRecord& order) {
    const Fingerprint print = fingerprint(order.key);
    Shard& home = shard(print);
    const std::lock_guard lock(home.mutex);
    const auto found = home.slots.find(print);
    const bool is_ours = found != home.slots.end() && found->second.order_id == order.id;
    if (!is_ours) return;
    home.slots.erase(found);
    SaleCounter* const sale = counter(order.product_id);
    if (!sale) return;
    sale->take_back({order.epoch, limited_buyer(order.user_id)}, clock_.instant());
    list_change(*sale);
}

void MemoryGate::return_unit(const SoldUnit& unit) {
    SaleCounter* const sale = counter(unit.product_id);
    if (!sale) return;
    sale->return_cancelled({unit.epoch, limited_buyer(unit.user_id)}, clock_.instant());
    list_change(*sale);
}

void MemoryGate::open_sale(const Sale& sale) {
    SaleCounter* known = counter(sale.product_id);
    if (!known) {
        const std::unique_lock lock(counters_mutex_);
        const auto [entry, is_new] = counters_.try_emplace(sale.product_id, nullptr);
        if (is_new) entry->second = std::make_unique<SaleCounter>(sale.product_id);
        known = entry->second.get();
    }
    known->open(sale, clock_.instant());
    list_change(*known);
}

// After the change: whoever finds the mark set knows that the reader has yet to read the count.
void MemoryGate::list_change(SaleCounter& counter) {
    if (counter.is_listed.load() || counter.is_listed.exchange(true)) return;
    counter.next_changed = changed_.load();
    while (!changed_.compare_exchange_weak(counter.next_changed, &counter)) {
    }
}

std::vector<Gate::Change> MemoryGate::take_changes() {
    std::vector<Change> changes;
    SaleCounter* each = changed_.exchange(nullptr);
    while (each != nullptr) {
        SaleCounter& counter = *each;
        each = counter.next_changed;
        counter.is_listed = false;  // before the count is read: a later change is listed anew
        const SaleCounter::Now now = counter.now();
        changes.push_back({counter.product_id, now.epoch, now.stock});
    }
    return changes;
}

std::vector<SaleFigures> MemoryGate::sales(std::size_t max) const {
    struct Seen {
        core::Instant changed_at;  // as it was when it was looked at: it goes on changing
        const SaleCounter* sale;
    };
    std::vector<Seen> seen;
    {
        const std::shared_lock lock(counters_mutex_);
        seen.reserve(counters_.size());
        for (const auto& [product, sale] : counters_) {
            seen.push_back({{}, sale.get()});
        }
    }
    for (Seen& each : seen) each.changed_at = each.sale->changed_at();
    const std::size_t count = std::min(max, seen.size());
    const auto wanted_end = seen.begin() + static_cast<std::ptrdiff_t>(count);
    std::partial_sort(seen.begin(), wanted_end, seen.end(), [](const Seen& a, const Seen& b) {
        if (a.changed_at != b.changed_at) return a.changed_at > b.changed_at;
        return a.sale->product_id < b.sale->product_id;
    });
    std::vector<SaleFigures> figures;
    figures.reserve(count);
    for (auto each = seen.begin(); each != wanted_end; ++each) {
        figures.push_back(each->sale->figures());
    }
    return figures;
}

std::size_t MemoryGate::products() const {
    const std::shared_lock lock(counters_mutex_);
    return counters_.size();
}

void MemoryGate::restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) {
    use_key(order.key, order.id, remaining_life);
}

void MemoryGate::restore_buyers(std::string_view product_id, Epoch epoch, Buyers buyers) {
    SaleCounter* const sale = counter(product_id);
    if (sale) sale->restore_buyers(epoch, std::move(buyers));
}

std::optional<Fingerprint> MemoryGate::limited_buyer(std::string_view user_id) const {
    if (!limits_users()) return std::nullopt;
    return buyer(user_id);
}

core::Task<std::optional<std::int64_t>> MemoryGate::stock(std::string_view product_id) {
    const SaleCounter* const sale = counter(product_id);
    if (!sale) co_return std::nullopt;
    co_return std::int64_t{sale->now().stock};
}

core::Task<std::optional<OrderId>> MemoryGate::owner(std::string_view key) {
    const Fingerprint print = fingerprint(key);
    Shard& home = shard(print);
    const std::lock_guard lock(home.mutex);
    const auto found = home.slots.find(print);
    if (found == home.slots.end() || found->second.expires_at <= clock_.instant())
        co_return std::nullopt;
    co_return found->second.order_id;
}

std::size_t MemoryGate::keys() const {
    std::size_t count = 0;
    for (const Shard& each : shards_) {
        const std::lock_guard lock(each.mutex);
        count += each.slots.size();
    }
    return count;
}

std::size_t MemoryGate::buyers() const {
    std::size_t count = 0;
    const std::shared_lock lock(counters_mutex_);
    for (const auto& [product, sale] : counters_) count += sale->buyers();
    return count;
}

Fingerprint MemoryGate::fingerprint(std::string_view text) const {
    const XXH128_hash_t hash =
        XXH3_128bits_withSecret(text.data(), text.size(), secret_.data(), secret_.size());
    return {hash.low64, hash.high64};
}

SaleCounter* MemoryGate::counter(std::string_view product_id) {
    const std::shared_lock lock(counters_mutex_);
    const auto found = counters_.find(product_id);
    return found == counters_.end() ? nullptr : found->second.get();
}

void MemoryGate::use_key(std::string_view key, OrderId id, std::chrono::nanoseconds life) {
    const Fingerprint print = fingerprint(key);
    Shard& home = shard(print);
    const core::Instant expires_at = clock_.instant() + life;
    const std::lock_guard lock(home.mutex);
    home.slots.insert_or_assign(print, Slot{.order_id = id, .expires_at = expires_at});
    home.by_expiry.emplace_back(expires_at, print);
}

void MemoryGate::forget_expired(Shard& shard, core::Instant now) {
    for (int i = 0; i < forgotten_per_step && !shard.by_expiry.empty(); ++i) {
        const auto [expires_at, print] = shard.by_expiry.front();
        if (expires_at > now) return;
        shard.by_expiry.pop_front();
        const auto found = shard.slots.find(print);
        if (found != shard.slots.end() && found->second.expires_at <= now) shard.slots.erase(found);
    }
}

}  // namespace souk::flash
