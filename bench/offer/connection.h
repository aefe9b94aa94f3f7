// One keep-alive connection that has at most one request under way, and the set of them that are
// polled.
#pragma once

#include <array>
#include <cstdint>
#include <netinet/in.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/epoll.h>

namespace offer {

struct Answer {
    int status = 0;
    std::string_view head;  // both valid until the next call on the connection
    std::string_view body;
};

class Connection {
public:
    Connection() = default;
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;

    // Blocks until connected; false leaves the reason in errno.
    bool open(const sockaddr_in& server);
    void close();
    bool is_open() const { return socket_ >= 0; }
    int socket() const { return socket_; }

    // False when the request could not be written whole.
    bool send(std::string_view request);

    enum class Progress { waiting, answered, broken };
    Progress receive(Answer& answer);

private:
    std::optional<Answer> whole_answer();

    int socket_ = -1;
    std::string input_;
    std::size_t consumed_ = 0;
};

class Poller {
public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    void add(int socket, std::uint32_t tag);
    // Waits for at most that long and returns the tags' events.
    std::span<const epoll_event> wait(std::int64_t ns_max);

private:
    int poller_ = -1;
    std::array<epoll_event, 256> events_{};
};

}  // namespace offer
