// The cache in this process: shards with a lock each, and a generation per group.
#include "platform/cache/open.h"
#include "platform/cache/shard.h"
#include "platform/cache/windows.h"

#include <deque>
#include <functional>
#include <unordered_map>

namespace souk::cache {
namespace {

constexpr std::size_t shards_max = 16;
constexpr std::size_t entries_per_shard_min = 64;  // a small cache is not worth splitting

std::size_t shards_for(const LocalOptions& options) {
    return options.entries_max < shards_max * entries_per_shard_min ? 1 : shards_max;
}

// Numbers by generation key. There are as many as groups in the program, so none is ever removed.
class Generations {
public:
    std::atomic<std::int64_t>& of(const std::string& key) {
        const std::lock_guard lock(mutex_);
        return numbers_[key];  // stays where it is, however many follow
    }

private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::atomic<std::int64_t>> numbers_;
};

class Local final : public Cache {
public:
    Local(const core::Clock& clock, const LocalOptions& options) : clock_(clock), windows_(clock) {
        const std::size_t count = shards_for(options);
        for (std::size_t i = 0; i < count; ++i) {
            shards_.emplace_back(
                Shard::Bounds{options.bytes_max / count, options.entries_max / count});
        }
    }

    core::Task<Text> get(std::string key) override {
        co_return shard_of(key).get(key, clock_.instant());
    }

    core::Task<std::optional<std::int64_t>> generation(Group group) override {
        co_return generations_.of(group.generation_key).load();
    }

    // Group::keys_max is not looked at: this cache has a bound of its own.
    core::Task<> put(Group group, Entry entry, std::int64_t generation) override {
        if (!entry.value) co_return;
        const std::atomic<std::int64_t>& current = generations_.of(group.generation_key);
        Shard& shard = shard_of(entry.key);
        shard.put(std::move(entry), clock_.instant(), current, generation);
    }

    core::Task<> drop(Group group) override {
        generations_.of(group.generation_key).fetch_add(1);
        for (Shard& shard : shards_) shard.remove(group.prefix);
        co_return;
    }

    core::Task<std::chrono::seconds> admit(std::vector<Limit> limits) override {
        co_return windows_.admit(limits);
    }

    bool is_up() const override { return true; }
    std::string describe() const override { return "in the process"; }

private:
    Shard& shard_of(std::string_view key) {
        return shards_[std::hash<std::string_view>()(key) % shards_.size()];
    }

    const core::Clock& clock_;
    std::deque<Shard> shards_;  // a deque, because a mutex cannot be moved
    Generations generations_;
    Windows windows_;
};

}  // namespace

std::unique_ptr<Cache> local(const core::Clock& clock, LocalOptions options) {
    return std::make_unique<Local>(clock, options);
}

}  // namespace souk::cache
