// A server on loopback with a small room, and a client that speaks raw bytes to it.
#pragma once

#include "platform/core/loop.h"
#include "platform/http/server.h"
#include "platform/metrics/registry.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace souk::http {

// The test room: /hello, /echo, /hold (answers once the test lets it), /items/{id:integer}, /own
// (for callers with a token; "good" is one, with "down" it cannot be told), ...
class RunningServer {
public:
    explicit RunningServer(ServerLimits limits = {}, std::uint16_t wanted_port = 0);
    ~RunningServer();

    // A second listener with the same room; gives its port.
    std::uint16_t listen_apart(Capacity own);

    void let_go();  // every held request may answer
    int held() const { return held_.load(); }
    int finished() const { return finished_.load(); }
    int asked_who() const { return asked_who_.load(); }  // how often somebody was authenticated
    bool drain(std::chrono::milliseconds patience) { return server_->drain(patience); }
    std::string metrics() const { return registry_.text(); }
    std::size_t failures_of(std::string_view route) const;  // answers of 500 and more

    std::uint16_t port = 0;

private:
    Room room();
    core::Task<core::Result<Response>> hold(const Request& request);
    core::Task<core::Result<>> authenticate(Request& request);

    core::SystemClock clock_;
    core::SystemRandom random_;
    metrics::Registry registry_;
    std::atomic<int> held_{0};
    std::atomic<int> finished_{0};
    std::atomic<int> asked_who_{0};
    std::atomic<bool> open_{false};
    core::Loops loops_;
    std::unique_ptr<Server> server_;
};

class RawClient {
public:
    explicit RawClient(std::uint16_t port);

    void send(std::string_view bytes);
    bool try_send(std::string_view bytes);  // false when the server does not want to hear more
    void finish_sending();
    void reset();  // vanishes: the server sees a reset

    // One answer, by its Content-Length; with `head` only its header. Throws after 10 seconds, or
    // when the connection ends first.
    std::string receive(bool head = false);
    std::string receive_until_end();
    std::size_t last_head_size() const { return last_head_size_; }  // of what receive gave
    bool ended();  // waits for the end and says whether nothing came before it

private:
    bool fill();

    boost::asio::io_context context_;
    boost::asio::ip::tcp::socket socket_;
    std::string buffer_;
    std::size_t last_head_size_ = 0;
};

}  // namespace souk::http
