#include "platform/net/tests/scripted_server.h"

#include <array>
#include <cstdint>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace souk::net {
namespace {

constexpr int patience_ms = 10'000;

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {
        if (number < 0) throw std::runtime_error("no socket");
    }
    ~Descriptor() { ::close(number_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }

private:
    int number_;
};

std::string url_of(int socket) {
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0)
        throw std::runtime_error("a socket without a name");
    return "http://127.0.0.1:" + std::to_string(ntohs(bound.sin_port));
}

void bind_to_loopback(int socket) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
        throw std::runtime_error("no free port");
}

// False at the end of the connection.
bool receive(int socket, std::string& into) {
    pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
    if (::poll(&waiting, 1, patience_ms) != 1) throw std::runtime_error("nothing came in time");
    std::array<char, 4'096> piece;
    const ssize_t count = ::recv(socket, piece.data(), piece.size(), 0);
    if (count <= 0) return false;
    into.append(piece.data(), static_cast<std::size_t>(count));
    return true;
}

bool is_whole(const std::string& request) {
    const std::size_t end = request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::size_t length = request.find("Content-Length: ");
    const std::size_t body = length < end ? std::stoul(request.substr(length + 16)) : 0;
    return request.size() >= end + 4 + body;
}

// A client that has heard enough closes, so not everything can be sent.
void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace

class ScriptedServer::Listening {
public:
    Listening() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        bind_to_loopback(socket_.number());
        if (::listen(socket_.number(), 1) != 0) throw std::runtime_error("cannot listen");
    }

    std::string url() const { return url_of(socket_.number()); }

    std::string serve(const Script& script) const {
        const Descriptor connection(::accept(socket_.number(), nullptr, nullptr));
        std::string request;
        while (!is_whole(request) && receive(connection.number(), request)) continue;
        send_all(connection.number(), script.answer);
        std::string more;
        while (script.is_silent_after && receive(connection.number(), more)) continue;
        return request;
    }

    // Wakes an accept() that waits.
    void end() const { ::shutdown(socket_.number(), SHUT_RDWR); }

private:
    const Descriptor socket_;
};

ScriptedServer::ScriptedServer(Script script)
    : listening_(std::make_unique<Listening>()),
      request_(std::async(
          std::launch::async,
          [server = listening_.get(), said = std::move(script)] { return server->serve(said); })) {}

ScriptedServer::~ScriptedServer() {
    listening_->end();
    if (request_.valid()) request_.wait();
}

std::string ScriptedServer::url() const { return listening_->url(); }

std::string ScriptedServer::request() { return request_.get(); }

std::string nobodys_url() {
    const Descriptor unused(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    bind_to_loopback(unused.number());  // without listen() nobody takes a connection
    return url_of(unused.number());
}

}  // namespace souk::net
