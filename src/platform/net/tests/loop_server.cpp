#include "platform/net/tests/loop_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace souk::net {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr asio::use_awaitable_t<core::Executor> awaited;

core::Task<> Wire::read_more() {
    std::array<char, 4'096> piece;
    const std::size_t size = co_await on_stream(
        [&](auto& stream) { return stream.async_read_some(asio::buffer(piece), awaited); });
    buffer_.append(piece.data(), size);
}

std::string Wire::take(std::size_t size) {
    std::string taken = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return taken;
}

core::Task<std::string> Wire::read_to(std::string end) {
    while (buffer_.find(end) == std::string::npos) co_await read_more();
    co_return take(buffer_.find(end) + end.size());
}

core::Task<std::string> Wire::read(std::size_t size) {
    while (buffer_.size() < size) co_await read_more();
    co_return take(size);
}

core::Task<> Wire::say(std::string bytes) {
    co_await on_stream(
        [&](auto& stream) { return asio::async_write(stream, asio::buffer(bytes), awaited); });
}

core::Task<> Wire::encrypt(asio::ssl::context& context) {
    tls_.emplace(socket_, context);
    co_await tls_->async_handshake(asio::ssl::stream_base::server, awaited);
}

core::Task<> Wire::wait_for_the_end() {
    while (true) co_await read_more();
}

LoopServer::LoopServer(Talk talk)
    : talk_(std::move(talk)),
      acceptor_(loop_.context().get_executor(),
                tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    port_ = acceptor_.local_endpoint().port();
    asio::co_spawn(loop_.context(), accept(), asio::detached);
}

// Only then may the acceptor go, which the thread of the loop uses.
LoopServer::~LoopServer() {
    loop_.stop();
    loop_.join();
}

core::Task<> LoopServer::accept() {
    while (true) {
        Wire::Socket socket = co_await acceptor_.async_accept(awaited);
        ++connections_;
        asio::co_spawn(loop_.context(), serve(std::move(socket)), asio::detached);
    }
}

core::Task<> LoopServer::serve(Wire::Socket socket) {
    Wire wire(std::move(socket));
    try {
        co_await talk_(wire);
    } catch (const boost::system::system_error&) {
        // The client has gone, which is how many of these conversations end.
    }
}

}  // namespace souk::net
