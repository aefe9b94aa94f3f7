#include "services/flash/backlog.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>
#include <utility>

namespace souk::flash {
namespace {

// When an entry was given to the log; what cannot be read is as old as anything. A cancellation
// that was read from the log has its time as the record's.
std::int64_t logged_at_ms(const LogEntry& entry) {
    if (!entry.order) return 0;
    const std::int64_t accepted_at_ms = entry.order->record.accepted_at_ms;
    return entry.kind == LogEntry::Kind::cancellation
               ? std::max(entry.order->cancelled_at_ms.load(), accepted_at_ms)
               : accepted_at_ms;
}

constexpr std::size_t looked_at_max = 1'000;  // under the lock that the log's thread needs

}  // namespace

std::size_t Backlog::IdHash::operator()(const OrderId& id) const {
    std::size_t random_bits = 0;
    std::memcpy(&random_bits, id.bytes.data() + 8, sizeof(random_bits));
    return random_bits;
}

Backlog::KeyShard& Backlog::shard(std::string_view key) const {
    return keys_[std::hash<std::string_view>()(key) % keys_.size()];
}

bool Backlog::add(const PendingOrderPtr& order) {
    if (size_.fetch_add(1) >= orders_max_) {
        size_.fetch_sub(1);
        return false;
    }
    file(order);
    return true;
}

void Backlog::restore(const PendingOrderPtr& order) {
    size_.fetch_add(1);
    file(order);
}

void Backlog::file(const PendingOrderPtr& order) {
    {
        Shard& home = shard(order->record.id);
        const std::lock_guard lock(home.mutex);
        home.by_id.insert_or_assign(order->record.id, order);
    }
    KeyShard& home = shard(order->record.key);
    const std::lock_guard lock(home.mutex);
    const auto found = home.by_key.find(order->record.key);
    if (found != home.by_key.end()) {
        order->older = std::move(found->second);
        home.by_key.erase(found);  // its view is of the older order's key
    }
    home.by_key.emplace(order->record.key, order);
}

void Backlog::remove(const PendingOrder& order) {
    PendingOrderPtr alive;  // the order may die here, but not before its key has been looked at
    {
        Shard& home = shard(order.record.id);
        const std::lock_guard lock(home.mutex);
        const auto found = home.by_id.find(order.record.id);
        if (found == home.by_id.end()) return;
        alive = std::move(found->second);
        home.by_id.erase(found);
    }
    size_.fetch_sub(1);
    KeyShard& home = shard(order.record.key);
    const std::lock_guard lock(home.mutex);
    const auto found = home.by_key.find(order.record.key);
    if (found == home.by_key.end()) return;
    PendingOrderPtr newest = found->second;
    PendingOrderPtr* link = &newest;
    while (*link && *link != alive) link = &(*link)->older;
    if (*link) *link = std::move(alive->older);
    if (newest == found->second) return;
    home.by_key.erase(found);  // its view is of the removed order's key
    if (newest) home.by_key.emplace(newest->record.key, newest);
}

PendingOrderPtr Backlog::find(const OrderId& id) const {
    const Shard& home = shard(id);
    const std::lock_guard lock(home.mutex);
    const auto found = home.by_id.find(id);
    return found == home.by_id.end() ? nullptr : found->second;
}

PendingOrderPtr Backlog::find_by_key(std::string_view key) const {
    const KeyShard& home = shard(key);
    const std::lock_guard lock(home.mutex);
    const auto found = home.by_key.find(key);
    return found == home.by_key.end() ? nullptr : found->second;
}

void Backlog::enqueue(std::span<const LogEntry> entries) {
    std::shared_ptr<core::Event> more;
    {
        const std::lock_guard lock(queue_mutex_);
        queue_.insert(queue_.end(), entries.begin(), entries.end());
        more = std::exchange(more_, nullptr);
    }
    if (more) more->set();
}

core::Task<bool> Backlog::wait_for_work(std::chrono::milliseconds patience) {
    std::shared_ptr<core::Event> more;
    {
        const std::lock_guard lock(queue_mutex_);
        if (!queue_.empty()) co_return true;
        more = more_ = std::make_shared<core::Event>();
    }
    const bool came = co_await more->wait(patience);
    co_return came;
}

void Backlog::wake() { enqueue({}); }

std::size_t Backlog::queued() const {
    const std::lock_guard lock(queue_mutex_);
    return queue_.size();
}

std::vector<LogEntry> Backlog::take(std::size_t entries_max) {
    std::vector<LogEntry> taken;
    const std::lock_guard lock(queue_mutex_);
    while (!queue_.empty() && taken.size() < entries_max) {
        LogEntry& next = queue_.front();
        if (next.kind == LogEntry::Kind::order &&
            !next.order->change(Phase::pending, Phase::taken) &&
            next.order->phase != Phase::cancelled) {
            break;
        }
        taken.push_back(std::move(next));
        queue_.pop_front();
    }
    note_taken(taken);
    return taken;
}

void Backlog::note_taken(std::span<const LogEntry> entries) {
    std::vector<PendingOrderPtr> orders;
    for (const LogEntry& entry : entries) {
        if (entry.kind == LogEntry::Kind::order) orders.push_back(entry.order);
    }
    taken_ = std::make_shared<const std::vector<PendingOrderPtr>>(std::move(orders));
}

void Backlog::give_back(std::vector<LogEntry> entries) {
    for (const LogEntry& entry : entries) {
        if (entry.kind == LogEntry::Kind::order) entry.order->change(Phase::taken, Phase::pending);
    }
    const std::lock_guard lock(queue_mutex_);
    taken_ = nullptr;
    queue_.insert(queue_.begin(), std::make_move_iterator(entries.begin()),
                  std::make_move_iterator(entries.end()));
}

void Backlog::finish(std::span<const LogEntry> entries) {
    for (const LogEntry& entry : entries) {
        if (entry.kind == LogEntry::Kind::order) remove(*entry.order);
    }
    const std::lock_guard lock(queue_mutex_);
    // Else they are written one by one, and late() looks.
    if (taken_ && entries.size() >= taken_->size()) taken_ = nullptr;
}

std::chrono::milliseconds Backlog::age(core::Time now) const {
    const std::lock_guard lock(queue_mutex_);
    for (const LogEntry& entry : queue_) {
        if (!entry.order) continue;
        return std::chrono::milliseconds(core::to_ms(now) - entry.order->record.accepted_at_ms);
    }
    return {};
}

// The log is in the order of acceptance but for milliseconds, so that halving finds the place
// whatever the length of the queue. Cancellations before it count as entries do, hence the bound.
Backlog::Late Backlog::late(core::Time accepted_before, std::size_t oldest_max) const {
    const std::int64_t before_ms = core::to_ms(accepted_before);
    std::shared_ptr<const std::vector<PendingOrderPtr>> taken;
    std::vector<PendingOrderPtr> queued;
    Late late;
    {
        const std::lock_guard lock(queue_mutex_);
        taken = taken_;
        const auto end = std::partition_point(
            queue_.begin(), queue_.end(),
            [before_ms](const LogEntry& entry) { return logged_at_ms(entry) < before_ms; });
        late.orders = static_cast<std::size_t>(end - queue_.begin());
        const std::size_t looked_at = std::min(late.orders, looked_at_max);
        for (std::size_t i = 0; i < looked_at && queued.size() < oldest_max; ++i) {
            const LogEntry& entry = queue_[i];
            if (entry.kind != LogEntry::Kind::order || entry.order->phase == Phase::cancelled)
                continue;
            queued.push_back(entry.order);
        }
    }
    if (taken) {
        for (const PendingOrderPtr& order : *taken) {
            if (order->record.accepted_at_ms >= before_ms || !find(order->record.id)) continue;
            ++late.orders;
            if (late.oldest.size() < oldest_max) late.oldest.push_back(order);
        }
    }
    late.orders = std::min(late.orders, size());
    late.oldest.insert(late.oldest.end(), queued.begin(), queued.end());
    if (late.oldest.size() > oldest_max) late.oldest.resize(oldest_max);
    return late;
}

}  // namespace souk::flash
