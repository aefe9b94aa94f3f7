// One part of the cache in the process: entries by key, the longest unused first to go. Bounded in
// bytes and entries. Any thread; no call blocks for longer than it works.
#pragma once

#include "platform/cache/cache.h"
#include "platform/core/clock.h"

#include <atomic>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace souk::cache {

class Shard {
public:
    struct Bounds {
        std::size_t bytes_max;
        std::size_t entries_max;
    };
    explicit Shard(Bounds bounds) : bounds_(bounds) {}

    Text get(std::string_view key, core::Instant now);

    // Only while `current` is `generation`. It is looked at under the shard's lock: who raises it
    // and then removes, removes whatever was put before.
    void put(Entry entry, core::Instant now, const std::atomic<std::int64_t>& current,
             std::int64_t generation);

    void remove(std::string_view prefix);

private:
    struct Item {
        std::string key;
        Text value;
        core::Instant expires;
    };
    using Items = std::list<Item>;

    // What is held is more than the texts: list, table and control blocks.
    static constexpr std::size_t bytes_per_entry = 200;
    static std::size_t bytes_of(const Item& item);
    void erase(Items::iterator item);

    const Bounds bounds_;
    std::mutex mutex_;
    Items items_;                                                   // the latest used in front
    std::unordered_map<std::string_view, Items::iterator> by_key_;  // views of the items' keys
    std::size_t bytes_ = 0;
};

}  // namespace souk::cache
