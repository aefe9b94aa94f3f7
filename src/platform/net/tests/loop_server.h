// A server on loopback whose conversations are coroutines, so that many clients can come at once.
#pragma once

#include "platform/core/loop.h"
#include "platform/core/task.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <atomic>
#include <functional>
#include <optional>
#include <string>

namespace souk::net {

// One connection, which may be turned to TLS on the way. Everything throws when it has ended.
class Wire {
public:
    using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, core::Executor>;

    explicit Wire(Socket socket) : socket_(std::move(socket)) {}

    core::Task<std::string> read_to(std::string end);  // with the end
    core::Task<std::string> read(std::size_t size);
    core::Task<> say(std::string bytes);
    core::Task<> encrypt(boost::asio::ssl::context& context);
    core::Task<> wait_for_the_end();

private:
    template <typename Step>
    auto on_stream(Step step) {
        return tls_ ? step(*tls_) : step(socket_);
    }
    core::Task<> read_more();
    std::string take(std::size_t size);

    Socket socket_;
    std::optional<boost::asio::ssl::stream<Socket&>> tls_;
    std::string buffer_;
};

class LoopServer {
public:
    using Talk = std::function<core::Task<>(Wire&)>;

    explicit LoopServer(Talk talk);
    ~LoopServer();
    LoopServer(const LoopServer&) = delete;
    LoopServer& operator=(const LoopServer&) = delete;

    int port() const { return port_; }
    int connections() const { return connections_; }  // so far

private:
    core::Task<> accept();
    core::Task<> serve(Wire::Socket socket);

    using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, core::Executor>;

    const Talk talk_;
    std::atomic<int> connections_ = 0;
    int port_ = 0;
    core::Loop loop_{"test-server"};
    Acceptor acceptor_;
};

}  // namespace souk::net
