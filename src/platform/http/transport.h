// The only thing the session knows of the network: a stream of bytes that can be read, written,
// woken and closed. Another kind of transport (io_uring, TLS) replaces this file and transport.cpp.
#pragma once

#include "platform/core/task.h"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace souk::http {

class Transport {
public:
    using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, core::Executor>;
    using Code = boost::system::error_code;

    explicit Transport(Socket socket) : socket_(std::move(socket)) {
        Code ignored;  // on a socket that is dead already, the first read says so
        socket_.non_blocking(true, ignored);
    }

    // What can be done at once; the error is would_block when that is nothing.
    std::size_t read_now(std::span<char> into, Code& error) {
        return socket_.read_some(boost::asio::buffer(into.data(), into.size()), error);
    }
    std::size_t write_now(std::string_view bytes, Code& error) {
        return socket_.write_some(boost::asio::buffer(bytes.data(), bytes.size()), error);
    }

    // Plain functions, so that they cost no coroutine of their own.
    core::Task<std::size_t> read(std::span<char> into, Code& error) {
        return socket_.async_read_some(boost::asio::buffer(into.data(), into.size()),
                                       boost::asio::redirect_error(token, error));
    }
    core::Task<std::size_t> write(std::span<const char> bytes, Code& error) {
        return socket_.async_write_some(boost::asio::buffer(bytes.data(), bytes.size()),
                                        boost::asio::redirect_error(token, error));
    }

    // Ends a read or write that waits; it then says operation_aborted.
    void wake() {
        Code ignored;  // nothing was waiting
        socket_.cancel(ignored);
    }

    // For another protocol to go on with; nothing may be under way.
    Socket release() { return std::move(socket_); }

    void close() {
        Code ignored;  // nothing can be done about it
        socket_.close(ignored);
    }

    // Tells the client that no more will come.
    void finish_sending() {
        Code ignored;  // the client may be gone
        socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    }

private:
    static constexpr boost::asio::use_awaitable_t<core::Executor> token{};

    Socket socket_;
};

}  // namespace souk::http
