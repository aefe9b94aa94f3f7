#include "platform/cache/redis/server.h"

#include <utility>

namespace souk::cache::on_redis {
namespace {

namespace ssl = boost::asio::ssl;

std::string describe(const RedisAddress& address) {
    const bool is_ipv6 = address.host.find(':') != std::string::npos;
    return "Redis at " + (is_ipv6 ? "[" + address.host + "]" : address.host) + ":" +
           std::to_string(address.port);
}

std::shared_ptr<ssl::context> trust_of(const RedisAddress& address) {
    auto trust = std::make_shared<ssl::context>(ssl::context::tls_client);
    if (address.tls) trust->set_default_verify_paths();
    return trust;
}

}  // namespace

Server::Server(RedisAddress where, const core::Clock& clock, Patience how_long)
    : address(std::move(where)),
      patience(how_long),
      description(describe(address)),
      trust(trust_of(address)),
      circuit(clock, patience.after_failure) {}

}  // namespace souk::cache::on_redis
