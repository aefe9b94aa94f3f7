// The bytes below Beast's WebSocket: the socket, before it what has come in already, and without
// the answer of a handshake that our own server has made.
#pragma once

#include "platform/http/transport.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace souk::ws {

class Wire {
public:
    using Socket = http::Transport::Socket;
    using executor_type = Socket::executor_type;
    using Code = boost::system::error_code;

    Wire(Socket socket, std::string early) : socket_(std::move(socket)), early_(std::move(early)) {}

    executor_type get_executor() { return socket_.get_executor(); }
    Socket& socket() { return socket_; }
    void handshake_done() { swallows_ = false; }

    template <typename Buffers, typename Token>
    auto async_read_some(const Buffers& into, Token&& token) {
        const std::size_t count = boost::asio::buffer_copy(into, boost::asio::buffer(early_));
        early_.erase(0, count);
        const bool has_early = count > 0;
        return boost::asio::async_initiate<Token, void(Code, std::size_t)>(
            [this, count, has_early, into](auto handler) {
                if (!has_early) return socket_.async_read_some(into, std::move(handler));
                complete(std::move(handler), count);
            },
            token);
    }

    template <typename Buffers, typename Token>
    auto async_write_some(const Buffers& from, Token&& token) {
        return boost::asio::async_initiate<Token, void(Code, std::size_t)>(
            [this, from](auto handler) {
                if (!swallows_) return socket_.async_write_some(from, std::move(handler));
                complete(std::move(handler), boost::asio::buffer_size(from));
            },
            token);
    }

private:
    template <typename Handler>
    void complete(Handler handler, std::size_t count) {
        boost::asio::post(socket_.get_executor(),
                          boost::beast::bind_front_handler(std::move(handler), Code(), count));
    }

    Socket socket_;
    std::string early_;
    bool swallows_ = true;
};

// Found by Beast by argument-dependent lookup.
template <typename Handler>
void async_teardown(boost::beast::role_type role, Wire& wire, Handler&& handler) {
    boost::beast::websocket::async_teardown(role, wire.socket(), std::forward<Handler>(handler));
}
inline void beast_close_socket(Wire& wire) {
    Wire::Code ignored;  // nothing can be done about it
    wire.socket().close(ignored);
}

}  // namespace souk::ws
