// Names of the cache in Redis.
#pragma once

#include "platform/cache/cache.h"

#include <string>
#include <string_view>

namespace souk::cache::on_redis {

// A sorted set of the group's keys with the second each is over, so that they can be counted.
std::string list_of_keys(const Group& group);

// The SCAN pattern of all keys with this prefix, whatever characters it has.
std::string matching(std::string_view prefix);

// Decimal text of a number nobody has had before: 60 random bits. Not secret.
std::string fresh_number();

}  // namespace souk::cache::on_redis
