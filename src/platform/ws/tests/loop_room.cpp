#include "platform/ws/tests/loop_room.h"

#include "platform/http/listener.h"

#include <boost/asio/co_spawn.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace souk::ws {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 10s;

http::Room room_of(Handler handler, Options options) {
    http::Room room;
    room.service = "test";
    room.routes = {
        {.verb = http::Verb::get,
         .path = "/talk",
         .auth = http::Auth::none,
         .websocket = handled_by(std::move(handler), options)}
    };
    room.render_error = [](const core::Error&, const http::Request&) {
        return http::Response{.status = 400};
    };
    return room;
}

}  // namespace

const std::string handshake =
    "GET /talk HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

int Frame::close_code() const {
    if (opcode != Opcode::close || payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
}

std::string Frame::reason() const { return payload.size() < 2 ? "" : payload.substr(2); }

std::string frame(unsigned opcode, std::string_view payload, bool is_last) {
    constexpr std::array<unsigned char, 4> mask = {0x11, 0x22, 0x33, 0x44};
    std::string bytes;
    const auto put = [&bytes](std::size_t byte) { bytes += static_cast<char>(byte & 0xFFU); };
    put((is_last ? 0x80U : 0U) | opcode);
    const std::size_t length = payload.size();
    if (length < 126) {
        put(0x80U | length);
    } else {
        const bool is_short = length < 65'536;
        put(0x80U | (is_short ? 126U : 127U));
        for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8) put(length >> shift);
    }
    for (const unsigned char byte : mask) put(byte);
    for (std::size_t i = 0; i < payload.size(); ++i)
        put(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
    return bytes;
}

std::string close_frame(int code) {
    const std::array<char, 2> bytes = {static_cast<char>(code / 256),
                                       static_cast<char>(code % 256)};
    return frame(Opcode::close, {bytes.data(), bytes.size()});
}

// Counts the sweeps.
class LoopRoom::SweepProbe final : public http::Sweepable {
public:
    void check_deadline(core::Instant) override { ++sweeps; }
    void begin_drain() override {}
    void cut_off() override {}

    int sweeps = 0;
};

LoopRoom::LoopRoom(Handler handler, Options options)
    : shared_(std::make_shared<http::Shared>(
          http::Server::Parts{no_loops_, clock, random_, registry_}, http::ServerLimits())),
      lane_(std::make_shared<http::Lane>(context_, shared_, random_)),
      probe_(std::make_unique<SweepProbe>()) {
    lane_->add(*probe_);
    lane_->start();
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) != 0)
        throw std::runtime_error("no sockets");
    client_ = ends[1];
    http::Transport::Socket socket(context_.get_executor());
    socket.assign(boost::asio::ip::tcp::v4(), ends[0]);  // it only reads, writes and closes
    std::vector<http::Room> rooms = {room_of(std::move(handler), options)};
    const auto mount = std::make_shared<const http::Mount>(std::move(rooms), registry_, 1);
    auto session = std::make_unique<http::Session>(lane_, mount, http::Transport(std::move(socket)),
                                                   *http::parse_address("127.0.0.1"));
    boost::asio::co_spawn(context_, http::run_session(std::move(session)),
                          [this](const std::exception_ptr& failure) {
                              is_over_ = true;
                              if (failure) std::rethrow_exception(failure);
                          });
}

LoopRoom::~LoopRoom() {
    end_client();
    lane_->cut_off();
    const auto deadline = Clock::now() + patience;
    while (!is_over_ && Clock::now() < deadline) context_.run_one_for(1ms);
    lane_->stop();
    context_.poll();
}

void LoopRoom::send(std::string_view bytes) {
    turn_until([&] {
        const ssize_t sent = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        const bool is_unwanted = sent < 0 && errno == EPIPE;
        if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        return bytes.empty() || is_unwanted;
    });
    turn_all();
}

void LoopRoom::upgrade(std::string_view and_behind) {
    send(handshake + std::string(and_behind));
    std::size_t end = 0;
    turn_until([&] {
        receive();
        end = received_.find("\r\n\r\n");
        return end != std::string::npos;
    });
    if (!received_.starts_with("HTTP/1.1 101 ")) throw std::runtime_error(received_);
    received_.erase(0, end + 4);
    turn_all();
}

bool LoopRoom::receive() {
    std::array<char, 16'384> piece;
    for (;;) {
        const ssize_t count = ::recv(client_, piece.data(), piece.size(), 0);
        if (count < 0 && errno == EAGAIN) return true;
        if (count <= 0) return false;
        received_.append(piece.data(), static_cast<std::size_t>(count));
    }
}

Frame LoopRoom::next() {
    Frame frame;
    turn_until([&] {
        const bool is_open = receive();
        const auto byte = [this](std::size_t at) {
            return std::size_t{static_cast<unsigned char>(received_[at])};
        };
        std::size_t head = 2;
        if (received_.size() >= 2 && byte(1) == 126) head = 4;
        if (received_.size() >= 2 && byte(1) == 127) head = 10;
        std::size_t length = 0;
        if (received_.size() >= head) {
            if (head == 2) length = byte(1);
            for (std::size_t at = 2; at < head; ++at) length = length * 256 + byte(at);
        }
        if (received_.size() < head + length) {
            if (!is_open) throw std::runtime_error("the connection ended within a frame");
            return false;
        }
        frame.opcode = static_cast<unsigned>(byte(0)) & 0x0FU;
        frame.is_last = (byte(0) & 0x80U) != 0;
        frame.payload = received_.substr(head, length);
        received_.erase(0, head + length);
        return true;
    });
    return frame;
}

bool LoopRoom::ends() {
    turn_until([&] { return !receive(); });
    return received_.empty();
}

void LoopRoom::vanish() {
    end_client();
    turn_all();
}

void LoopRoom::end_client() {
    if (client_ >= 0) ::close(client_);
    client_ = -1;
}

void LoopRoom::turn_until(const std::function<bool()>& holds) {
    const auto deadline = Clock::now() + patience;
    while (!holds()) {
        if (Clock::now() > deadline) throw std::runtime_error("nothing came of it in time");
        context_.run_one_for(1ms);
    }
}

void LoopRoom::turn_all() {
    while (context_.poll() > 0) continue;
}

void LoopRoom::sweep() {
    const int before = probe_->sweeps;
    turn_until([&] { return probe_->sweeps > before; });
    turn_all();
}

void LoopRoom::pass(std::chrono::seconds time) {
    clock.advance(time);
    sweep();
}

Handler Visitor::handler() {
    return [this](std::shared_ptr<Peer> visitor, const http::Request&) {
        return [](Visitor* self, std::shared_ptr<Peer> given) -> core::Task<> {
            self->peer = std::move(given);
            for (;;) {
                std::optional<std::string> message = co_await self->peer->receive();
                if (!message) break;
                self->messages.push_back(std::move(*message));
            }
            self->peer.reset();
            self->has_ended = true;
        }(this, std::move(visitor));
    };
}

core::Task<> echo(std::shared_ptr<Peer> peer, const http::Request&) {
    for (;;) {
        std::optional<std::string> message = co_await peer->receive();
        if (!message) co_return;
        peer->send(std::move(*message));
    }
}

}  // namespace souk::ws
