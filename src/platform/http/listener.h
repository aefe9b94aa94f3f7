// Accepts connections of one address on one loop.
#pragma once

#include "platform/http/lane.h"
#include "platform/http/session.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace souk::http {

using AcceptSocket = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, core::Executor>;

// One listening socket per loop, all on the same port. Throws std::runtime_error with a message for
// people. "[::]" takes both families, and IPv4 alone where there is no IPv6.
std::vector<AcceptSocket> bind_all(const std::string& address, std::uint16_t port,
                                   const std::vector<std::shared_ptr<Lane>>& lanes);

// What an acceptor does with each connection: to its end, or over into a WebSocket's.
core::Task<> run_session(std::unique_ptr<Session> session);

class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    Acceptor(std::shared_ptr<Lane> lane, std::shared_ptr<const Mount> mount, AcceptSocket socket);

    Lane& lane() { return *lane_; }

    // On the loop:
    void start();
    void stop();  // takes what the queue holds first

private:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>,
                                          core::Executor>;

    static core::Task<> run(std::shared_ptr<Acceptor> self);
    core::Task<> pause_after(boost::system::error_code error);
    void take(Transport::Socket socket);

    std::shared_ptr<Lane> lane_;
    std::shared_ptr<const Mount> mount_;
    AcceptSocket socket_;
    Timer pause_;
    bool stopped_ = false;
    std::chrono::steady_clock::time_point complain_again_{};
};

}  // namespace souk::http
