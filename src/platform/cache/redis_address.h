// Where Redis is, from the settings that say so.
#pragma once

#include "platform/core/result.h"

#include <string>

namespace souk::cache {

struct RedisAddress {
    std::string host;
    int port = 6379;
    bool tls = false;
    std::string user;      // empty or "default": the password alone is sent
    std::string password;  // empty: no AUTH
    int database = 0;
};

// As they were set; empty or 0 means not set. The url is host, host:port,
// redis://[user[:password]@]host[:port][/database] or, with TLS, rediss://... The rest is for what
// the url does not say; with no port at all it is 14027.
struct RedisSettings {
    std::string url;
    int port = 0;
    std::string user = {};
    std::string password = {};
};

// The error's message is for people and holds no part of a password.
core::Result<RedisAddress> parse_redis_address(const RedisSettings& settings);

}  // namespace souk::cache
