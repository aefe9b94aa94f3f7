// The cache a service was set to use.
#pragma once

#include "platform/cache/cache.h"
#include "platform/cache/redis_address.h"
#include "platform/core/clock.h"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace souk::cache {

struct LocalOptions {
    std::size_t bytes_max = 64U << 20U;
    std::size_t entries_max = 10'000;
};

// In this process; entries longest unused go first when it is full.
std::unique_ptr<Cache> local(const core::Clock& clock, LocalOptions options = {});

// Redis 7. One PING at the start whose failure is logged; connects again by itself. Every command
// has 50 milliseconds; after a failure nothing is asked for a second. Limits are counted in the
// process while Redis cannot be asked.
// Every loop that asks has a connection of its own from then on, until it or the cache ends,
// whichever is first; who waits when the cache ends gets nothing, who waits when his loop ends does
// not go on. The clock has to stay as long as the loops.
std::unique_ptr<Cache> redis(RedisAddress address, const core::Clock& clock);

// Of the server at this address: "7.0.15". Blocks, so for commands only; throws core::Unavailable.
std::string redis_version(const RedisAddress& address, std::chrono::milliseconds patience);

}  // namespace souk::cache
