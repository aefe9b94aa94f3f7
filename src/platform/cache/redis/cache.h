// Cache on a Redis server, with patience of a test's choice.
#pragma once

#include "platform/cache/cache.h"
#include "platform/cache/redis/server.h"
#include "platform/cache/redis_address.h"
#include "platform/core/clock.h"

#include <memory>

namespace souk::cache::on_redis {

std::unique_ptr<Cache> open(RedisAddress address, const core::Clock& clock, Patience patience);

}  // namespace souk::cache::on_redis
