#include "services/flash/gate_memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace souk::flash {
namespace {

constexpr std::uint64_t pack(Epoch epoch, std::uint32_t stock) {
    return (std::uint64_t{epoch} << 32U) | stock;
}
constexpr Epoch epoch_of(std::uint64_t word) { return static_cast<Epoch>(word >> 32U); }
constexpr std::uint32_t stock_of(std::uint64_t word) { return static_cast<std::uint32_t>(word); }

// Keys leave as new ones come: more per step than one order adds, so that the backlog of expired
// keys shrinks, few enough to be no pause.
constexpr int forgotten_per_step = 4;

}  // namespace

std::optional<Epoch> MemoryGate::Counter::take() {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while (stock_of(word) > 0) {
        if (word_.compare_exchange_weak(word, word - 1)) return epoch_of(word);
    }
    return std::nullopt;
}

void MemoryGate::Counter::give_back(Epoch epoch) {
    std::uint64_t word = word_.load();
    while (epoch_of(word) == epoch && !word_.compare_exchange_weak(word, word + 1)) {
    }
}

void MemoryGate::Counter::open(Epoch epoch, std::uint32_t stock) {
    std::uint64_t word = word_.load();
    while (epoch_of(word) < epoch && !word_.compare_exchange_weak(word, pack(epoch, stock))) {
    }
}

Gate::Change MemoryGate::Counter::now() const {
    const std::uint64_t word = word_.load();
    return {product_id, epoch_of(word), stock_of(word)};
}

MemoryGate::MemoryGate(std::chrono::seconds key_life, const core::Clock& clock,
                       core::Random& random)
    : key_life_(key_life), clock_(clock) {
    random.fill(secret_);
}

core::Task<Verdict> MemoryGate::admit(Attempt attempt) { co_return decide(attempt); }

// The atomic step: the shard's lock orders all attempts with one key, the counter all with one
// product.
Verdict MemoryGate::decide(const Attempt& attempt) {
    Counter* const sale = counter(attempt.product_id);
    const Fingerprint print = fingerprint(attempt.key);
    Shard& home = shard(print);
    const core::Instant now = clock_.instant();

    const std::lock_guard lock(home.mutex);
    forget_expired(home, now);
    const auto found = home.slots.find(print);
    if (found != home.slots.end() && found->second.expires_at > now) {
        const Slot& slot = found->second;
        return {slot.pending() ? Admission::in_flight : Admission::duplicate, 0, slot.order_id};
    }
    const std::optional<Epoch> epoch = sale ? sale->take() : std::nullopt;
    if (!epoch) return {Admission::sold_out, 0, {}};
    list_change(*sale);
    home.slots.insert_or_assign(print, Slot{.order_id = attempt.order_id});
    return {Admission::admitted, *epoch, attempt.order_id};
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
    return_unit(order.product_id, order.epoch);
}

void MemoryGate::return_unit(std::string_view product_id, Epoch epoch) {
    Counter* const sale = counter(product_id);
    if (!sale) return;
    sale->give_back(epoch);
    list_change(*sale);
}

void MemoryGate::open_sale(const Sale& sale) {
    Counter* known = counter(sale.product_id);
    if (!known) {
        const std::unique_lock lock(counters_mutex_);
        const auto [entry, is_new] = counters_.try_emplace(sale.product_id, nullptr);
        if (is_new) entry->second = std::make_unique<Counter>(sale.product_id);
        known = entry->second.get();
    }
    known->open(sale.epoch, static_cast<std::uint32_t>(sale.stock));
    list_change(*known);
}

// After the change: whoever finds the mark set knows that the reader has yet to read the count.
void MemoryGate::list_change(Counter& counter) {
    if (counter.is_listed.load() || counter.is_listed.exchange(true)) return;
    counter.next_changed = changed_.load();
    while (!changed_.compare_exchange_weak(counter.next_changed, &counter)) {
    }
}

std::vector<Gate::Change> MemoryGate::take_changes() {
    std::vector<Change> changes;
    Counter* each = changed_.exchange(nullptr);
    while (each != nullptr) {
        Counter& counter = *each;
        each = counter.next_changed;
        counter.is_listed = false;  // before the count is read: a later change is listed anew
        changes.push_back(counter.now());
    }
    return changes;
}

void MemoryGate::restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) {
    use_key(order.key, order.id, remaining_life);
}

core::Task<std::optional<std::int64_t>> MemoryGate::stock(std::string_view product_id) {
    const Counter* const sale = counter(product_id);
    if (!sale) co_return std::nullopt;
    co_return std::int64_t{sale->stock()};
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

MemoryGate::Fingerprint MemoryGate::fingerprint(std::string_view key) const {
    const XXH128_hash_t hash =
        XXH3_128bits_withSecret(key.data(), key.size(), secret_.data(), secret_.size());
    return {hash.low64, hash.high64};
}

MemoryGate::Counter* MemoryGate::counter(std::string_view product_id) {
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
