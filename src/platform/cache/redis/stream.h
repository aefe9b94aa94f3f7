// Bytes to and from Redis, plain or through TLS. Lives on one loop.
#pragma once

#include "platform/cache/redis_address.h"
#include "platform/core/task.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace souk::cache::on_redis {

class Stream {
public:
    Stream(boost::asio::io_context& context, const RedisAddress& address,
           boost::asio::ssl::context& trust);

    // All of these throw boost::system::system_error.
    core::Task<> connect();
    core::Task<std::size_t> read_some(std::span<char> into);
    core::Task<> write(const std::string& bytes);  // which stay until it returns

    void close();  // what goes on fails

private:
    using Socket = boost::asio::ip::tcp::socket;

    const std::string host_;
    const std::string port_;
    const bool tls_;
    boost::asio::ip::tcp::resolver resolver_;
    boost::asio::ssl::stream<Socket> stream_;
};

}  // namespace souk::cache::on_redis
