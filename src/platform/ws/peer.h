// The other end of a WebSocket, as a handler sees it: text messages in and out. Everything of a
// peer happens on its connection's loop; who comes from another thread posts to `executor()`.
#pragma once

#include "platform/core/task.h"
#include "platform/http/route.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace souk::ws {

enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    unacceptable = 1003,  // a kind of message that is not taken
    not_text = 1007,      // no UTF-8
    policy = 1008,
    internal = 1011,
    try_again_later = 1013
};

class Peer {
public:
    virtual ~Peer() = default;

    // The next message; nullopt once the connection is over, for whatever reason. Pings, pongs and
    // the closing handshake are answered meanwhile, so a handler should always be waiting here.
    virtual core::Task<std::optional<std::string>> receive() = 0;

    // Queues a message. False, and nothing queued, when the queue would pass its bound; what then
    // is the caller's choice. What is sent to a closing peer is dropped.
    virtual bool send(std::string text) = 0;

    virtual std::size_t queued_bytes() const = 0;

    // Called whenever the queue has become empty, until the handler has ended.
    virtual void on_drained(std::function<void()> call) = 0;

    // Drops what is queued, says why, and ends the connection.
    virtual void close(CloseCode code, std::string_view reason) = 0;

    virtual core::Executor executor() = 0;
};

struct Options {
    std::size_t message_bytes_max = 65'536;  // a longer one closes with 1009
    std::size_t queue_bytes_max = 262'144;
    int send_buffer_bytes = 65'536;  // of the kernel, so that a slow peer shows
    int ping_seconds = 30;
    int silence_seconds = 60;  // then the peer is taken for gone (1001)
    CloseCode binary = CloseCode::unacceptable;
};

// Lives as long as the connection; the request until then. An exception closes with 1011.
using Handler = std::function<core::Task<>(std::shared_ptr<Peer>, const http::Request&)>;

// What stands in a route's websocket column.
http::Upgraded handled_by(Handler handler, Options options = {});

}  // namespace souk::ws
