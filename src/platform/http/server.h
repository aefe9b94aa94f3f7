// The HTTP/1.1 server: one acceptor per loop and listener (SO_REUSEPORT), keep-alive, pipelining,
// deadlines by one sweep per loop, limits before any parsing.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/loop.h"
#include "platform/core/random.h"
#include "platform/http/room.h"
#include "platform/metrics/registry.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace souk::http {

struct ServerLimits {
    std::size_t header_bytes_max = 16'384;
    std::size_t target_bytes_max = 8'192;
    // Over all listeners that have no capacity of their own.
    std::size_t connections_max = 20'000;
    std::size_t in_flight_max = 10'000;  // requests being handled
    std::size_t bodies_mib_max = 256;    // held at one time, see Capacity
    int header_seconds = 10;             // from a request's first byte to the end of its header
    int body_seconds = 30;               // from there to the end of its body
    int idle_seconds = 72;               // between requests
    int write_seconds = 30;              // for an answer to leave
    int hot_log_every = 1'000;           // one access line in N for hot routes
    std::vector<std::string> trusted_proxies;  // addresses or CIDR blocks; loopback by default
};

// How many at a time.
struct Capacity {
    std::size_t connections_max;
    std::size_t in_flight_max;
    // Memory of bodies that come in or are with their handlers, without the first 8 KiB of each:
    // those are as few as the connections, and so small bodies are taken however many long ones are
    // under way.
    std::size_t body_bytes_max = 256U << 20U;
};

struct Listener {
    std::string address;  // "[::]", "127.0.0.1", …
    std::uint16_t port;   // 0: any free one
    std::vector<Room> rooms;
    // So that a crowd at the other listeners keeps nobody from this one, nor the other way round.
    std::optional<Capacity> own_capacity = {};
};

class Server {
public:
    struct Parts {
        core::Loops& loops;
        const core::Clock& clock;
        core::Random& random;
        metrics::Registry& metrics;
    };

    Server(Parts parts, ServerLimits limits);
    ~Server();

    // Binds and starts accepting. Throws std::runtime_error with a message for people when the port
    // is taken or two rooms' routes overlap. Gives the port.
    std::uint16_t listen(Listener listener);

    // Stops accepting, takes what the accept queues hold, lets requests finish, closes idle
    // connections; returns when all are gone or `patience` is over (then the rest is cut off).
    // False when a handler has not ended even so: what it uses must not be destroyed.
    bool drain(std::chrono::milliseconds patience);

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace souk::http
