// Board, desks and listeners of /events on a loop that the test turns by hand, in front of the room
// of room.h, which sells.
#pragma once

#include "services/flash/events_desk.h"
#include "services/flash/tests/room.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <stdexcept>
#include <vector>

namespace souk::flash {

// The other end of a WebSocket as a test plays it: it keeps up, or, while it stalls, leaves
// everything in the queue.
class TestPeer final : public ws::Peer {
public:
    explicit TestPeer(core::Executor executor) : executor_(executor), arrived_(executor) {
        arrived_.expires_at(boost::asio::steady_timer::time_point::max());
    }

    core::Task<std::optional<std::string>> receive() override {
        while (inbox_.empty() && !is_closed) {
            is_waiting_ = true;
            boost::system::error_code cancelled;
            co_await arrived_.async_wait(boost::asio::redirect_error(
                boost::asio::use_awaitable_t<core::Executor>(), cancelled));
        }
        is_waiting_ = false;
        if (is_closed) co_return std::nullopt;
        std::string message = std::move(inbox_.front());
        inbox_.pop_front();
        co_return message;
    }
    bool send(std::string text) override {
        if (is_closed) return true;
        if (queued_ + text.size() > queue_bytes_max) return false;
        if (stalls) queued_ += text.size();
        frames.push_back(std::move(text));
        return true;
    }
    std::size_t queued_bytes() const override { return queued_; }
    void on_drained(std::function<void()> call) override { drained_ = std::move(call); }
    void close(ws::CloseCode code, std::string_view) override {
        if (is_closed) return;
        close_code = static_cast<int>(code);
        leave();
    }
    core::Executor executor() override { return executor_; }

    // The client.
    void say(std::string message) {
        inbox_.push_back(std::move(message));
        arrived_.cancel();
    }
    void leave() {
        is_closed = true;
        arrived_.cancel();
    }
    void catch_up() {
        stalls = false;
        queued_ = 0;
        if (drained_) drained_();
    }
    // All that it said has been obeyed.
    bool is_idle() const { return is_waiting_ && inbox_.empty(); }

    // Every frame so far as "type product-or-order value"; they must be numbered from 1.
    std::vector<std::string> heard() const {
        std::vector<std::string> all;
        std::int64_t number = 0;
        for (const std::string& frame : frames) {
            const boost::json::object event = boost::json::parse(frame).as_object();
            if (event.at("seq") != ++number) throw std::runtime_error("not in order: " + frame);
            std::string line(event.at("type").as_string());
            for (const auto* const name :
                 {"productId", "orderId", "stock", "quantity", "state", "interval"}) {
                const boost::json::value* const value = event.if_contains(name);
                if (value == nullptr) continue;
                line += " " + (value->is_string() ? std::string(value->as_string())
                                                  : boost::json::serialize(*value));
            }
            all.push_back(std::move(line));
        }
        return all;
    }

    std::size_t queue_bytes_max = 262'144;
    bool stalls = false;
    bool is_closed = false;
    int close_code = 0;
    std::vector<std::string> frames;

private:
    core::Executor executor_;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      core::Executor>
        arrived_;
    std::deque<std::string> inbox_;
    std::size_t queued_ = 0;
    bool is_waiting_ = false;
    std::function<void()> drained_;
};

using Heard = std::vector<std::string>;

class EventsRoom {
public:
    explicit EventsRoom(std::size_t peers_max = 20'000)
        : events(shop.gate), desks({events, shop.operations, shop.clock}, peers_max) {}
    ~EventsRoom() {
        for (const auto& peer : peers) peer->leave();
        turn_until([this] { return open == 0; });
    }
    EventsRoom(const EventsRoom&) = delete;
    EventsRoom& operator=(const EventsRoom&) = delete;

    std::shared_ptr<TestPeer> visit(std::vector<std::string> product_ids = {}) {
        peers.push_back(std::make_shared<TestPeer>(context.get_executor()));
        ++open;
        boost::asio::co_spawn(context.get_executor(),
                              desks.serve(peers.back(), std::move(product_ids)),
                              [this](const std::exception_ptr& failure) {
                                  --open;
                                  if (failure) std::rethrow_exception(failure);
                              });
        turn();
        return peers.back();
    }
    void start_sale(const std::string& product, Epoch epoch, std::int64_t quantity) {
        events.sale_started(product, quantity);
        shop.gate.open_sale({product, epoch, quantity});
    }
    void update() {
        events.update();
        turn();
    }
    void turn() {
        while (context.poll() > 0) continue;
    }
    void turn_until(const std::function<bool()>& holds) {
        const auto deadline = std::chrono::steady_clock::now() + testing::patience;
        while (!holds()) {
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error("nothing came of it in time");
            context.run_one_for(std::chrono::milliseconds(1));
        }
    }

    Room shop;
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
        context.get_executor()};
    Events events;
    EventsDesks desks;
    std::vector<std::shared_ptr<TestPeer>> peers;
    std::size_t open = 0;
};

}  // namespace souk::flash
