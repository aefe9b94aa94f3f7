#include "connection.h"

#include <cerrno>
#include <charconv>
#include <ctime>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace offer {

namespace {

std::optional<std::size_t> content_length(std::string_view head) {
    constexpr std::string_view name = "content-length:";
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
         line = head.find("\r\n", line + 2)) {
        std::string_view rest = head.substr(line + 2);
        if (rest.size() <= name.size()) continue;
        if (strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
        rest.remove_prefix(name.size());
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        std::size_t length = 0;
        const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), length);
        if (read.ec == std::errc{}) return length;
    }
    return std::nullopt;
}

}  // namespace

Connection::~Connection() { close(); }

Connection::Connection(Connection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      input_(std::move(other.input_)),
      consumed_(std::exchange(other.consumed_, 0)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(input_, other.input_);
    std::swap(consumed_, other.consumed_);
    return *this;
}

bool Connection::open(const sockaddr_in& server) {
    close();
    input_.clear();
    consumed_ = 0;
    const int fresh = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fresh < 0) return false;
    const int on = 1;
    if (::connect(fresh, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0 ||
        ::setsockopt(fresh, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        const int reason = errno;
        ::close(fresh);
        errno = reason;
        return false;
    }
    socket_ = fresh;
    return true;
}

void Connection::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

bool Connection::send(std::string_view request) {
    const ssize_t sent =
        ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == static_cast<ssize_t>(request.size());
}

Connection::Progress Connection::receive(Answer& answer) {
    input_.erase(0, std::exchange(consumed_, 0));
    std::array<char, 4096> piece;
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Progress::waiting;
    if (got <= 0) return Progress::broken;

    input_.append(piece.data(), static_cast<std::size_t>(got));
    const std::optional<Answer> whole = whole_answer();
    if (!whole) return Progress::waiting;
    answer = *whole;
    return Progress::answered;
}

// Answers without Content-Length (204, chunked) do not occur on POST /order.
std::optional<Answer> Connection::whole_answer() {
    const std::string_view input = input_;
    const std::size_t blank = input.find("\r\n\r\n");
    if (blank == std::string_view::npos || blank < 12) return std::nullopt;
    const std::size_t length = content_length(input.substr(0, blank + 2)).value_or(0);
    if (input.size() < blank + 4 + length) return std::nullopt;

    Answer answer;
    std::from_chars(input.data() + 9, input.data() + 12, answer.status);
    answer.head = input.substr(0, blank + 2);
    answer.body = input.substr(blank + 4, length);
    consumed_ = blank + 4 + length;
    return answer;
}

Poller::Poller() : poller_(epoll_create1(EPOLL_CLOEXEC)) {
    if (poller_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() { ::close(poller_); }

void Poller::add(int socket, std::uint32_t tag) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u32 = tag;
    if (epoll_ctl(poller_, EPOLL_CTL_ADD, socket, &wanted) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

std::span<const epoll_event> Poller::wait(std::int64_t ns_max) {
    const timespec limit{.tv_sec = ns_max / 1'000'000'000, .tv_nsec = ns_max % 1'000'000'000};
    const int ready =
        epoll_pwait2(poller_, events_.data(), static_cast<int>(events_.size()), &limit, nullptr);
    if (ready < 0) {
        if (errno == EINTR) return {};
        throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
    }
    return {events_.data(), static_cast<std::size_t>(ready)};
}

}  // namespace offer
