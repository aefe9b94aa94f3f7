#include "services/flash/backlog.h"

#include <cstring>
#include <functional>
#include <iterator>
#include <utility>

namespace souk::flash {

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
    home.by_key.erase(order->record.key);  // an older order's view goes with it
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
    if (found != home.by_key.end() && found->second == alive) home.by_key.erase(found);
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
    return taken;
}

void Backlog::give_back(std::vector<LogEntry> entries) {
    for (const LogEntry& entry : entries) {
        if (entry.kind == LogEntry::Kind::order) entry.order->change(Phase::taken, Phase::pending);
    }
    const std::lock_guard lock(queue_mutex_);
    queue_.insert(queue_.begin(), std::make_move_iterator(entries.begin()),
                  std::make_move_iterator(entries.end()));
}

void Backlog::finish(std::span<const LogEntry> entries) {
    for (const LogEntry& entry : entries) {
        if (entry.kind == LogEntry::Kind::order) remove(*entry.order);
    }
}

std::chrono::milliseconds Backlog::age(core::Time now) const {
    const std::lock_guard lock(queue_mutex_);
    for (const LogEntry& entry : queue_) {
        if (!entry.order) continue;
        return std::chrono::milliseconds(core::to_ms(now) - entry.order->record.accepted_at_ms);
    }
    return {};
}

}  // namespace souk::flash
