// A server's own session on one end of a socket pair, a client of raw bytes on the other: on a loop
// that the test turns by hand, and with a clock that stands still until the test moves it.
#pragma once

#include "platform/http/lane.h"
#include "platform/http/session.h"
#include "platform/metrics/registry.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "platform/ws/peer.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souk::ws {

enum Opcode : unsigned { continued = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
    unsigned opcode = 0;
    std::string payload;
    bool is_last = true;

    int close_code() const;      // 0 when it is no close or has none
    std::string reason() const;  // of a close
};

// As a client sends it, masked.
std::string frame(unsigned opcode, std::string_view payload, bool is_last = true);
std::string close_frame(int code);

extern const std::string handshake;

class LoopRoom {
public:
    explicit LoopRoom(Handler handler, Options options = {});
    ~LoopRoom();  // the client goes and the connection has to end

    // The client.
    void send(std::string_view bytes);               // turns the loop until all of it is taken
    void upgrade(std::string_view and_behind = {});  // handshake and its answer
    Frame next();                                    // throws when the connection ends first
    bool ends();                                     // and nothing comes before that
    void vanish();                                   // its end is closed, whatever is unread

    // The server's loop. turn_until throws after ten seconds.
    void turn_until(const std::function<bool()>& holds);
    void turn_all();                       // whatever can be done now
    void sweep();                          // once, for sure
    void pass(std::chrono::seconds time);  // and a sweep sees it
    http::Lane& lane() { return *lane_; }
    bool is_over() const { return is_over_ && shared_->connections == 0; }  // and counted out

    testing::FixedClock clock;

private:
    class SweepProbe;

    bool receive();  // false: the server has ended the connection
    void end_client();

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};
    testing::SeededRandom random_;
    metrics::Registry registry_;
    core::Loops no_loops_;
    std::shared_ptr<http::Shared> shared_;
    std::shared_ptr<http::Lane> lane_;
    std::unique_ptr<SweepProbe> probe_;
    int client_ = -1;
    std::string received_;
    bool is_over_ = false;
};

// A handler that keeps its peer for the test and notes what it receives.
struct Visitor {
    Handler handler();

    std::shared_ptr<Peer> peer;  // while the handler runs
    std::vector<std::string> messages;
    bool has_ended = false;
};

// A handler that sends back what it gets.
core::Task<> echo(std::shared_ptr<Peer> peer, const http::Request& request);

}  // namespace souk::ws
