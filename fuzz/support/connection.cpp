#include "fuzz/support/connection.h"

#include "fuzz/support/property.h"
#include "platform/http/listener.h"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <cerrno>
#include <exception>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace souk::fuzz {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto rest = 50ms;  // nothing else happens in it: then time may pass

// The client's end: sends what the kernel takes, reads what is there.
class Client {
public:
    explicit Client(int descriptor) : descriptor_(descriptor) {}
    ~Client() { ::close(descriptor_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    std::size_t send(std::string_view bytes) const {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EPIPE) return bytes.size();  // the server has closed: not wanted
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }
    void finish() const { ::shutdown(descriptor_, SHUT_WR); }
    void receive() {
        std::array<char, 16'384> piece;
        ssize_t count = 0;
        while ((count = ::recv(descriptor_, piece.data(), piece.size(), 0)) > 0)
            received.append(piece.data(), static_cast<std::size_t>(count));
    }

    std::string received;

private:
    int descriptor_;
};

}  // namespace

std::string converse(const Served& by, std::string_view bytes, std::size_t piece_bytes) {
    std::array<int, 2> ends{};
    must(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0, "sockets");
    Client client(ends[1]);
    http::Transport::Socket socket(by.context.get_executor());
    socket.assign(boost::asio::ip::tcp::v4(), ends[0]);  // it only reads, writes and closes
    auto session = std::make_unique<http::Session>(
        by.lane, by.mount, http::Transport(std::move(socket)), *http::parse_address("127.0.0.1"));
    bool is_done = false;
    by.context.restart();  // it stops whenever it runs out of work
    boost::asio::co_spawn(by.context, http::run_session(std::move(session)),
                          [&](const std::exception_ptr& failure) {
                              is_done = true;
                              if (failure) std::rethrow_exception(failure);
                          });
    const auto deadline = Clock::now() + patience;
    while (!is_done && !bytes.empty()) {
        bytes.remove_prefix(client.send(bytes.substr(0, piece_bytes)));
        by.context.poll();
        if (by.turn) by.turn();
        client.receive();
        must(Clock::now() < deadline, "a connection takes what it is sent");
    }
    client.finish();
    bool has_waited = false;
    const auto rests_until = Clock::now() + rest;
    while (!is_done) {
        by.context.run_one_for(1ms);
        if (by.turn) by.turn();
        client.receive();
        if (!has_waited && by.pass_time && Clock::now() > rests_until) {
            by.pass_time();
            has_waited = true;
        }
        must(Clock::now() < deadline, "a connection ends when its client has");
    }
    client.receive();
    return std::move(client.received);
}

}  // namespace souk::fuzz
