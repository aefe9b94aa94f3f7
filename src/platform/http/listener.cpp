#include "platform/http/listener.h"

#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <stdexcept>

namespace souk::http {
namespace {

using boost::asio::ip::tcp;
using Code = boost::system::error_code;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
constexpr boost::asio::use_awaitable_t<core::Executor> awaiting{};
constexpr int backlog = 4'096;
constexpr std::size_t connections_spare = 256;  // beyond the limit, to be told so
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::seconds complaint_pause{10};  // one line, however many clients come and go

tcp::endpoint endpoint_of(const std::string& address, std::uint16_t port) {
    std::string bare = address == "localhost" ? "127.0.0.1" : address;
    if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
    Code error;
    const boost::asio::ip::address parsed = boost::asio::ip::make_address(bare, error);
    if (error) throw std::runtime_error("'" + address + "' is not an address to listen on");
    return {parsed, port};
}

// With SO_REUSEPORT a second program could bind beside this one and silently take half the clients,
// so a first socket tries the port without it. That one does not listen: a client that came then
// would be lost.
enum class Sharing { alone, with_own_loops };

AcceptSocket bind_one(boost::asio::io_context& context, const tcp::endpoint& at, Sharing sharing,
                      Code& error) {
    AcceptSocket socket(context.get_executor());
    socket.open(at.protocol(), error);
    if (error) return socket;
    socket.set_option(boost::asio::socket_base::reuse_address(true), error);
    if (sharing == Sharing::with_own_loops) socket.set_option(ReusePort(true), error);
    if (at.address() == boost::asio::ip::address_v6::any()) {
        socket.set_option(boost::asio::ip::v6_only(false), error);
    }
    socket.set_option(tcp::no_delay(true), error);  // accepted sockets inherit it
    if (!error) socket.bind(at, error);
    if (!error && sharing == Sharing::with_own_loops) socket.listen(backlog, error);
    return socket;
}

bool no_such_family(const Code& error) {
    return error == boost::asio::error::address_family_not_supported ||
           error == boost::system::errc::address_not_available;
}

[[noreturn]] void complain(const tcp::endpoint& at, const Code& error) {
    const std::string port = std::to_string(at.port());
    if (error == boost::asio::error::address_in_use) {
        throw std::runtime_error("port " + port + " is already in use by another program");
    }
    throw std::runtime_error("cannot listen on " + at.address().to_string() + " port " + port +
                             ": " + error.message());
}

Address address_of(const tcp::endpoint& peer) {
    return parse_address(peer.address().to_string()).value_or(Address{});
}

}  // namespace

core::Task<> run_session(std::unique_ptr<Session> session) {
    co_await session->run();
    std::shared_ptr<Upgrade> upgrade = session->take_upgrade();
    session.reset();  // its buffers are not needed any more
    if (!upgrade) co_return;
    const Upgraded& go_on = upgrade->request.view().route->websocket;
    co_await go_on(std::move(upgrade));
}

std::vector<AcceptSocket> bind_all(const std::string& address, std::uint16_t port,
                                   const std::vector<std::shared_ptr<Lane>>& lanes) {
    tcp::endpoint at = endpoint_of(address, port);
    Code error;
    {
        const AcceptSocket probe = bind_one(lanes.front()->context(), at, Sharing::alone, error);
        if (error && at.address() == boost::asio::ip::address_v6::any() && no_such_family(error)) {
            at.address(boost::asio::ip::address_v4::any());
            error = {};
            bind_one(lanes.front()->context(), at, Sharing::alone, error);
        }
        if (error) complain(at, error);
    }
    std::vector<AcceptSocket> sockets;
    for (const std::shared_ptr<Lane>& lane : lanes) {
        sockets.push_back(bind_one(lane->context(), at, Sharing::with_own_loops, error));
        if (error) complain(at, error);
        at.port(sockets.back().local_endpoint().port());
    }
    return sockets;
}

Acceptor::Acceptor(std::shared_ptr<Lane> lane, std::shared_ptr<const Mount> mount,
                   AcceptSocket socket)
    : lane_(std::move(lane)),
      mount_(std::move(mount)),
      socket_(std::move(socket)),
      pause_(socket_.get_executor()) {}

void Acceptor::start() {
    boost::asio::co_spawn(socket_.get_executor(), run(shared_from_this()), boost::asio::detached);
}

core::Task<> Acceptor::run(std::shared_ptr<Acceptor> self) {
    while (!self->stopped_) {
        Code error;
        Transport::Socket socket =
            co_await self->socket_.async_accept(boost::asio::redirect_error(awaiting, error));
        if (self->stopped_ && error) co_return;
        if (!error) {
            self->take(std::move(socket));
        } else if (error != boost::asio::error::connection_aborted) {
            co_await self->pause_after(error);
        }
    }
}

// Out of descriptors or memory: the client stays in the queue, so trying at once would only spin.
core::Task<> Acceptor::pause_after(boost::system::error_code error) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= complain_again_) {
        log::error("http", "cannot accept connections",
                   {
                       {"error", error.message()}
        });
        complain_again_ = now + complaint_pause;
    }
    pause_.expires_after(accept_pause);
    Code ignored;  // a cancelled pause is over
    co_await pause_.async_wait(boost::asio::redirect_error(awaiting, ignored));
}

void Acceptor::take(Transport::Socket socket) {
    const Crowd& crowd = mount_->crowd(lane_->shared());
    if (crowd.connections.load() >= crowd.most.connections_max + connections_spare) return;
    Code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // gone before it was looked at
    auto session =
        std::make_unique<Session>(lane_, mount_, Transport(std::move(socket)), address_of(peer));
    boost::asio::co_spawn(socket_.get_executor(), run_session(std::move(session)),
                          [](const std::exception_ptr& failure) {
                              if (!failure) return;
                              try {
                                  std::rethrow_exception(failure);
                              } catch (const std::exception& bug) {
                                  log::error("http", "a connection ended",
                                             {
                                                 {"error", bug.what()}
                                  });
                              }
                          });
}

void Acceptor::stop() {
    if (stopped_) return;
    stopped_ = true;
    pause_.cancel();
    Code error;
    socket_.cancel(error);
    socket_.non_blocking(true, error);
    while (!error) {
        Transport::Socket socket(socket_.get_executor());
        socket_.accept(socket, error);
        if (!error) take(std::move(socket));
    }
    socket_.close(error);
}

}  // namespace souk::http
