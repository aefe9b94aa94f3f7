// Short-lived values by key, in the process or in Redis. Answers must be the same when it is empty
// or gone: trouble is "not there", it is logged, and nothing here throws for it. Any loop.
#pragma once

#include "platform/core/task.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace souk::cache {

using Text = std::shared_ptr<const std::string>;  // null: not there

// Keys that are dropped together. Each drop begins their next generation; no two have the same
// number.
struct Group {
    std::string prefix;             // "products:": what every key begins with
    std::string generation_key;     // "catalog:gen": outside of it
    std::size_t keys_max = 10'000;  // alive at once; for one more the oldest goes
};

struct Entry {
    std::string key;
    Text value;
    std::chrono::seconds life;
};

// At most `most` within any `window`, for this key.
struct Limit {
    std::string key;
    int most;
    std::chrono::seconds window;
};

class Cache {
public:
    virtual ~Cache() = default;

    virtual core::Task<Text> get(std::string key) = 0;

    // nullopt: the cache cannot say, so nothing may be put that was read from now on.
    virtual core::Task<std::optional<std::int64_t>> generation(Group group) = 0;

    // Keeps the value only if the group is still in this generation: one atomic step.
    virtual core::Task<> put(Group group, Entry entry, std::int64_t generation) = 0;

    // Begins the next generation, then removes every key of the group. Where that fails it is owed:
    // nothing of the group is given out by this object until it has been made up for. A process
    // that ends takes what it owes with it, so a service drops its groups when it starts.
    virtual core::Task<> drop(Group group) = 0;

    // Counts one under every key, or under none when one of them is full: then how long until there
    // is room. Zero: counted.
    virtual core::Task<std::chrono::seconds> admit(std::vector<Limit> limits) = 0;

    virtual bool is_up() const = 0;
    virtual std::string describe() const = 0;  // "in the process", "Redis at host:port"; no secrets
};

}  // namespace souk::cache
