// The bytes a client sends behind the handshake of a WebSocket, to a handler that sends back what
// it gets: what comes out is well-formed, and the connection always ends.
#include "fuzz/support/frames.h"

#include "fuzz/support/connection.h"
#include "fuzz/support/property.h"
#include "platform/core/escape.h"
#include "platform/log/log.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "platform/ws/peer.h"

#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <string>

namespace souk::fuzz {
namespace {

constexpr std::size_t message_bytes_max = 512;
constexpr std::size_t all_at_once = 1U << 20U;
constexpr std::string_view handshake =
    "GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

core::Task<> send_back(std::shared_ptr<ws::Peer> peer, const http::Request&) {
    for (;;) {
        std::optional<std::string> message = co_await peer->receive();
        if (!message) co_return;
        must(message->size() <= message_bytes_max, "a message keeps to its limit");
        must(core::is_utf8(*message), "a message is text", *message);
        if (!peer->send(std::move(*message)))
            peer->close(ws::CloseCode::try_again_later, "too slow");
    }
}

http::Room echo_room() {
    http::Room room;
    room.service = "echo";
    room.routes = {
        {.verb = http::Verb::get,
         .path = "/echo",
         .auth = http::Auth::none,
         .websocket = ws::handled_by(
             send_back, {.message_bytes_max = message_bytes_max, .queue_bytes_max = 4'096})}
    };
    room.render_error = [](const core::Error&, const http::Request&) {
        return http::Response{.status = 400};
    };
    return room;
}

struct Server {
    Server() {
        log::start({.format = log::Format::json, .descriptor = ::open("/dev/null", O_WRONLY)});
        lane->start();  // its sweep ends a connection that waits for a client's close in vain
    }
    ~Server() { log::stop(); }

    boost::asio::io_context context{1};
    testing::FixedClock clock;
    testing::SeededRandom random;
    metrics::Registry registry;
    core::Loops no_loops;
    std::shared_ptr<http::Shared> shared = std::make_shared<http::Shared>(
        http::Server::Parts{no_loops, clock, random, registry}, http::ServerLimits());
    std::shared_ptr<http::Lane> lane = std::make_shared<http::Lane>(context, shared, random);
    std::shared_ptr<const http::Mount> mount =
        std::make_shared<const http::Mount>(std::vector<http::Room>{echo_room()}, registry, 1);
};

void run(std::string_view bytes) {
    static Server server;
    const Served served{server.context, server.lane, server.mount, {}, [] {
                            server.clock.advance(std::chrono::seconds(10));
                        }};
    for (const std::size_t piece :
         {all_at_once, std::size_t{1} + std::hash<std::string_view>()(bytes) % 61}) {
        const std::string sent =
            converse(served, std::string(handshake) + std::string(bytes), piece);
        std::string_view rest = sent;
        const std::string_view head = take_until(rest, "\r\n\r\n");
        must(head.starts_with("HTTP/1.1 101 "), "the handshake is answered", sent);
        check_frames(rest);
    }
    must(server.shared->connections == 0, "every connection is counted out");
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
