// The Redis server as all loops that ask it know it: where it is, and whether it may be asked now.
// Any thread; who waits for an answer keeps it, so it may outlive the cache.
#pragma once

#include "platform/cache/redis/circuit.h"
#include "platform/cache/redis_address.h"
#include "platform/core/clock.h"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace souk::cache::on_redis {

struct LinkPatience {
    std::chrono::milliseconds connect{3000};
    // While an answer is owed; then the connection is given up.
    std::chrono::milliseconds silence{1000};
};

struct Patience {
    std::chrono::milliseconds answer{50};
    std::chrono::milliseconds after_failure{1000};  // nothing is asked
    std::chrono::milliseconds reconnect_max{5000};  // the longest pause between two attempts
    LinkPatience link;
};

struct Server {
    Server(RedisAddress where, const core::Clock& clock, Patience how_long);

    const RedisAddress address;
    const Patience patience;
    const std::string description;  // "Redis at host:port"
    // With TLS, whose certificates are taken. Read from files once, because loops must not.
    const std::shared_ptr<boost::asio::ssl::context> trust;
    Circuit circuit;
};

}  // namespace souk::cache::on_redis
