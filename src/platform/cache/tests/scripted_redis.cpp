#include "platform/cache/tests/scripted_redis.h"

#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace souk::cache {
namespace {

// False when the test is over.
bool wait_for(int socket, const std::atomic<bool>& is_stopping) {
    while (!is_stopping) {
        pollfd one{.fd = socket, .events = POLLIN, .revents = 0};
        if (::poll(&one, 1, 20) > 0) return true;
    }
    return false;
}

}  // namespace

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
    while (wait_for(listener_, is_stopping_)) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        ++connections_;
        talk(socket);
        ::close(socket);
    }
}

void ScriptedRedis::talk(int socket) {
    bool is_greeted = false;
    std::array<char, 65'536> bytes{};
    while (wait_for(socket, is_stopping_)) {
        const ssize_t length = ::recv(socket, bytes.data(), bytes.size(), 0);
        if (length <= 0) {
            ++closed_;
            return;
        }
        const std::string_view asked(bytes.data(), static_cast<std::size_t>(length));
        const std::string answer =
            std::exchange(is_greeted, true) ? answer_(asked) : std::string("+PONG\r\n");
        std::size_t sent = 0;
        while (sent < answer.size()) {
            const ssize_t some =
                ::send(socket, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
            if (some <= 0) break;
            sent += static_cast<std::size_t>(some);
        }
    }
}

}  // namespace souk::cache
