#include "platform/cache/tests/scripted_redis.h"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace souk::cache {

ScriptedRedis::ScriptedRedis(Answer answer) : answer_(std::move(answer)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const place = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, place, size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, place, &size) != 0)
        throw std::runtime_error("no port for a scripted Redis");
    port_ = ::ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

ScriptedRedis::~ScriptedRedis() {
    is_stopping_ = true;
    thread_.join();
    ::close(listener_);
}

void ScriptedRedis::run() {
    while (!is_stopping_) {
        std::vector<pollfd> all{
            {.fd = listener_, .events = POLLIN, .revents = 0}
        };
        for (const Peer& peer : peers_)
            all.push_back({.fd = peer.socket, .events = POLLIN, .revents = 0});
        if (::poll(all.data(), all.size(), 20) <= 0) continue;
        for (std::size_t i = peers_.size(); i > 0; --i) {
            if (all[i].revents == 0 || talk(peers_[i - 1])) continue;
            ::close(all[i].fd);
            peers_.erase(peers_.begin() + static_cast<std::ptrdiff_t>(i - 1));
        }
        if (all[0].revents != 0) accept();
    }
    for (const Peer& peer : peers_) ::close(peer.socket);
}

void ScriptedRedis::accept() {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) peers_.push_back({socket});
}

bool ScriptedRedis::talk(Peer& peer) {
    std::array<char, 65'536> bytes{};
    const ssize_t length = ::recv(peer.socket, bytes.data(), bytes.size(), 0);
    if (length <= 0) {
        ++closed_;
        return false;
    }
    if (peer.asked == 0) ++greeted_;
    if (peer.asked == 1) ++connections_;
    const std::string_view asked(bytes.data(), static_cast<std::size_t>(length));
    const std::string answer = peer.asked++ == 0 ? std::string("+PONG\r\n") : answer_(asked);
    std::size_t sent = 0;
    while (sent < answer.size()) {
        const ssize_t some =
            ::send(peer.socket, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (some <= 0) break;
        sent += static_cast<std::size_t>(some);
    }
    return true;
}

}  // namespace souk::cache
