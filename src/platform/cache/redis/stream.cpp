#include "platform/cache/redis/stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace souk::cache::on_redis {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;
constexpr asio::use_awaitable_t<core::Executor> use_awaitable;

}  // namespace

Stream::Stream(asio::io_context& context, const RedisAddress& address, ssl::context& trust)
    : host_(address.host),
      port_(std::to_string(address.port)),
      tls_(address.tls),
      resolver_(context),
      stream_(context, trust) {
    if (!tls_) return;
    stream_.set_verify_mode(ssl::verify_peer);
    stream_.set_verify_callback(ssl::host_name_verification(host_));
}

core::Task<> Stream::connect() {
    const tcp::resolver::results_type places =
        co_await resolver_.async_resolve(host_, port_, use_awaitable);
    Socket& socket = stream_.next_layer();
    co_await asio::async_connect(socket, places, use_awaitable);
    socket.set_option(tcp::no_delay(true));
    if (!tls_) co_return;
    // Many servers behind one address choose their certificate by this name, which is no number.
    boost::system::error_code is_a_name;
    asio::ip::make_address(host_, is_a_name);
    if (is_a_name) ::SSL_set_tlsext_host_name(stream_.native_handle(), host_.c_str());
    co_await stream_.async_handshake(ssl::stream_base::client, use_awaitable);
}

core::Task<std::size_t> Stream::read_some(std::span<char> into) {
    const asio::mutable_buffer buffer(into.data(), into.size());
    if (tls_) return stream_.async_read_some(buffer, use_awaitable);
    return stream_.next_layer().async_read_some(buffer, use_awaitable);
}

core::Task<> Stream::write(const std::string& bytes) {
    const asio::const_buffer buffer = asio::buffer(bytes);
    if (tls_) {
        co_await asio::async_write(stream_, buffer, use_awaitable);
    } else {
        co_await asio::async_write(stream_.next_layer(), buffer, use_awaitable);
    }
}

void Stream::close() {
    resolver_.cancel();
    boost::system::error_code ignored;  // it is gone either way
    stream_.next_layer().close(ignored);
}

}  // namespace souk::cache::on_redis
