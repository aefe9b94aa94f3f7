#include "platform/cache/shard.h"

#include <utility>

namespace souk::cache {

Text Shard::get(std::string_view key, core::Instant now) {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    if (found->second->expires <= now) {
        erase(found->second);
        return nullptr;
    }
    items_.splice(items_.begin(), items_, found->second);
    return found->second->value;
}

void Shard::put(Entry entry, core::Instant now, const std::atomic<std::int64_t>& current,
                std::int64_t generation) {
    Item item{std::move(entry.key), std::move(entry.value), now + entry.life};
    const std::size_t bytes = bytes_of(item);
    if (bytes > bounds_.bytes_max || bounds_.entries_max == 0) return;

    const std::lock_guard lock(mutex_);
    if (current.load() != generation) return;
    if (const auto old = by_key_.find(item.key); old != by_key_.end()) erase(old->second);
    while (bytes_ + bytes > bounds_.bytes_max || items_.size() >= bounds_.entries_max) {
        erase(std::prev(items_.end()));
    }
    items_.push_front(std::move(item));
    by_key_.emplace(items_.front().key, items_.begin());
    bytes_ += bytes;
}

void Shard::remove(std::string_view prefix) {
    const std::lock_guard lock(mutex_);
    for (auto item = items_.begin(); item != items_.end();) {
        const auto next = std::next(item);
        if (item->key.starts_with(prefix)) erase(item);
        item = next;
    }
}

std::size_t Shard::bytes_of(const Item& item) {
    return item.key.size() + item.value->size() + bytes_per_entry;
}

void Shard::erase(Items::iterator item) {
    bytes_ -= bytes_of(*item);
    by_key_.erase(item->key);
    items_.erase(item);
}

}  // namespace souk::cache
