// One WebSocket connection on its loop: Beast speaks the protocol, the lane's sweep pings and
// counts the silence, a queue holds what has not left yet.
#pragma once

#include "platform/core/event.h"
#include "platform/http/upgrade.h"
#include "platform/ws/peer.h"
#include "platform/ws/wire.h"

#include <boost/asio/cancellation_signal.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>

namespace souk::ws {

class Connection final : public Peer,
                         public http::Sweepable,
                         public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<http::Upgrade> upgrade, Options options);

    core::Task<bool> begin();  // false when the client is gone already
    core::Task<> finish();     // closes unless that was done, and waits for the end

    core::Task<std::optional<std::string>> receive() override;
    bool send(std::string text) override;
    std::size_t queued_bytes() const override { return queued_bytes_; }
    void on_drained(std::function<void()> call) override { drained_ = std::move(call); }
    void close(CloseCode code, std::string_view reason) override;
    core::Executor executor() override { return stream_.get_executor(); }

    void check_deadline(core::Instant now) override;
    void begin_drain() override;
    void cut_off() override;

private:
    using Code = boost::system::error_code;

    core::Instant now() const { return upgrade_->lane->shared().clock.instant(); }
    void ping();
    void write_next();
    void wrote(const Code& error);
    void drop_queue();
    void call_off();
    void ended(bool& under_way);
    bool is_busy() const { return writing_ || pinging_ || close_under_way_; }

    std::shared_ptr<http::Upgrade> upgrade_;
    const Options options_;

    // Each calls off what Beast has under way of its kind; they outlive the stream, which uses
    // them.
    struct {
        boost::asio::cancellation_signal read, write, ping, close;
    } calls_off_;
    boost::beast::websocket::stream<Wire, false> stream_;
    boost::beast::flat_buffer incoming_;

    std::deque<std::string> queue_;  // the first one is being written while `writing_`
    std::size_t queued_bytes_ = 0;
    std::function<void()> drained_;

    core::Instant heard_at_;
    core::Instant pinged_at_;
    core::Instant cut_off_at_ = core::Instant::max();
    bool writing_ = false;
    bool pinging_ = false;
    bool closing_ = false;
    bool close_under_way_ = false;
    core::Event at_rest_;  // closing, and nothing is under way but a read
};

}  // namespace souk::ws
