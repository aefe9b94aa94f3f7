// The yardstick: the least a server on this machine can spend on a flash answer. One thread, one
// epoll, one fixed answer per request; a request is only looked at to find where it ends.

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <string_view>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <unordered_map>
#include <utility>

namespace {

constexpr std::size_t buffer_bytes = 8192;
constexpr int events_max = 256;

struct Connection {
    std::array<char, buffer_bytes> buffer;
    std::size_t used = 0;
};

using Connections = std::unordered_map<int, Connection>;

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

std::string json_answer(std::string_view status, std::string_view headers, std::string_view body) {
    std::string answer = "HTTP/1.1 ";
    answer.append(status).append("\r\ncontent-type: application/json; charset=utf-8\r\n");
    answer.append(headers).append("content-length: ").append(std::to_string(body.size()));
    return answer.append("\r\n\r\n").append(body);
}

std::optional<std::string> canned_answer(std::string_view name) {
    constexpr std::string_view order_id = "x-order-id: 0190a000-0000-7000-8000-000000000000\r\n";
    if (name == "sold_out") {
        return json_answer("409 Conflict", "", R"({"status":"sold_out","msg":"Inventory empty"})");
    }
    if (name == "ignored") {
        return json_answer("200 OK", order_id, R"({"status":"ignored","msg":"Duplicate request"})");
    }
    if (name == "success") {
        return json_answer("200 OK", order_id, R"({"status":"success","msg":"Order accepted"})");
    }
    if (name == "redirect") {
        return "HTTP/1.1 302 Found\r\nlocation: http://localhost:4000\r\nretry-after: 1\r\n"
               "cache-control: no-store\r\ncontent-length: 0\r\n\r\n";
    }
    return std::nullopt;
}

std::optional<std::string> answer_from_file(const char* path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "content-length:";
    std::size_t line = head.find("\r\n");
    while (line != std::string_view::npos) {
        std::string_view rest = head.substr(line + 2);
        if (rest.size() > name.size() && strncasecmp(rest.data(), name.data(), name.size()) == 0) {
            rest.remove_prefix(name.size());
            while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
            std::size_t length = 0;
            const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), length);
            return read.ec == std::errc{} ? length : 0;
        }
        line = head.find("\r\n", line + 2);
    }
    return 0;
}

// The number of bytes of the first whole request, or nothing while it is incomplete.
std::optional<std::size_t> request_bytes(std::string_view input) {
    const std::size_t blank = input.find("\r\n\r\n");
    if (blank == std::string_view::npos) return std::nullopt;
    const std::size_t whole = blank + 4 + content_length(input.substr(0, blank + 2));
    return input.size() < whole ? std::nullopt : std::optional(whole);
}

// False when the peer is gone, sends more than the buffer holds or does not read its answers.
bool answer_all(int socket, Connection& connection, std::string_view answer) {
    const ssize_t got =
        recv(socket, connection.buffer.data() + connection.used, buffer_bytes - connection.used, 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    connection.used += static_cast<std::size_t>(got);

    std::string_view input(connection.buffer.data(), connection.used);
    while (const std::optional<std::size_t> bytes = request_bytes(input)) {
        const ssize_t sent = send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(answer.size())) return false;
        input.remove_prefix(*bytes);
    }
    if (!input.empty()) std::memmove(connection.buffer.data(), input.data(), input.size());
    connection.used = input.size();
    return connection.used < buffer_bytes;
}

int listen_on(std::uint16_t port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (listener < 0) give_up("socket");
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) give_up("setsockopt");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        give_up("bind");
    }
    if (listen(listener, SOMAXCONN) != 0) give_up("listen");
    return listener;
}

void watch(int poller, int socket) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = socket;
    if (epoll_ctl(poller, EPOLL_CTL_ADD, socket, &wanted) != 0) give_up("epoll_ctl");
}

void accept_all(int poller, int listener, Connections& connections) {
    while (true) {
        const int socket = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) {
            if (errno == EAGAIN || errno == ECONNABORTED) return;
            give_up("accept4");
        }
        const int on = 1;
        if (setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
            give_up("setsockopt");
        }
        connections[socket].used = 0;
        watch(poller, socket);
    }
}

[[noreturn]] void serve(int listener, std::string_view answer) {
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) give_up("epoll_create1");
    watch(poller, listener);
    Connections connections;
    std::array<epoll_event, events_max> events;
    while (true) {
        const int ready = epoll_wait(poller, events.data(), events_max, -1);
        if (ready < 0 && errno != EINTR) give_up("epoll_wait");
        for (int i = 0; i < ready; ++i) {
            const int socket = events[static_cast<std::size_t>(i)].data.fd;
            if (socket == listener) {
                accept_all(poller, listener, connections);
            } else if (!answer_all(socket, connections[socket], answer)) {
                connections.erase(socket);
                close(socket);
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::optional<std::string> answer;
    if (argc == 3) answer = canned_answer(argv[2]);
    if (argc == 4 && std::string_view(argv[2]) == "--bytes") answer = answer_from_file(argv[3]);
    const int port = argc > 1 ? std::atoi(argv[1]) : 0;
    if (!answer || port < 1 || port > 65535) {
        std::fputs(
            "usage: floor PORT sold_out|ignored|redirect|success\n"
            "       floor PORT --bytes FILE    (the answer, headers and body, as it is sent)\n",
            stderr);
        return 2;
    }
    serve(listen_on(static_cast<std::uint16_t>(port)), *answer);
}
