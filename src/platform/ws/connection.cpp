// The only unit that compiles Beast's WebSocket: it costs twenty seconds.
#include "platform/ws/connection.h"

#include "platform/core/escape.h"
#include "platform/log/log.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <algorithm>
#include <exception>

namespace souk::ws {
namespace {

namespace beast = boost::beast;
using boost::asio::bind_cancellation_slot;
using boost::asio::redirect_error;
constexpr boost::asio::use_awaitable_t<core::Executor> awaiting{};

constexpr std::chrono::seconds close_patience{5};  // for the closing handshake
constexpr std::size_t reason_bytes_max = 123;      // RFC 6455, 5.5

// Beast insists on seeing a handshake; ours has been checked and answered already.
beast::http::request<beast::http::empty_body> checked_request() {
    beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
    request.set(beast::http::field::host, "souk");
    request.set(beast::http::field::connection, "upgrade");
    request.set(beast::http::field::upgrade, "websocket");
    request.set(beast::http::field::sec_websocket_key, "AAAAAAAAAAAAAAAAAAAAAA==");
    request.set(beast::http::field::sec_websocket_version, "13");
    return request;
}

}  // namespace

Connection::Connection(std::shared_ptr<http::Upgrade> upgrade, Options options)
    : upgrade_(std::move(upgrade)),
      options_(options),
      stream_(std::move(*upgrade_->socket), std::move(upgrade_->early)) {
    upgrade_->socket.reset();
    heard_at_ = pinged_at_ = now();
    Code ignored;  // then the kernel's own size holds
    stream_.next_layer().socket().set_option(
        boost::asio::socket_base::send_buffer_size(options_.send_buffer_bytes), ignored);
}

core::Task<bool> Connection::begin() {
    stream_.auto_fragment(false);
    stream_.read_message_max(options_.message_bytes_max);
    stream_.control_callback(
        [this](beast::websocket::frame_type, beast::string_view) { heard_at_ = now(); });
    const auto request = checked_request();
    Code error;
    co_await stream_.async_accept(request, redirect_error(awaiting, error));
    stream_.next_layer().handshake_done();
    if (error) co_return false;
    stream_.text(true);
    http::Lane& lane = *upgrade_->lane;
    lane.add(*this);
    if (lane.draining()) begin_drain();
    co_return true;
}

core::Task<std::optional<std::string>> Connection::receive() {
    // What comes behind a refused message is Beast's close to read: a read of ours that met a
    // broken frame there would wait for that close, and the close for the read.
    if (closing_) co_return std::nullopt;
    Code error;
    co_await stream_.async_read(
        incoming_, bind_cancellation_slot(calls_off_.read.slot(), redirect_error(awaiting, error)));
    if (error) co_return std::nullopt;
    heard_at_ = now();
    if (!stream_.got_text()) {
        close(options_.binary, "text frames only");
        co_return std::nullopt;
    }
    std::string text(static_cast<const char*>(incoming_.data().data()), incoming_.size());
    incoming_.consume(incoming_.size());
    incoming_.shrink_to_fit();
    if (closing_) co_return std::nullopt;
    // Beast has looked at it, but takes a cut character when the last fragment is an empty one.
    if (!core::is_utf8(text)) {
        close(CloseCode::not_text, "");
        co_return std::nullopt;
    }
    co_return text;
}

bool Connection::send(std::string text) {
    if (closing_) return true;
    if (queued_bytes_ + text.size() > options_.queue_bytes_max) return false;
    queued_bytes_ += text.size();
    queue_.push_back(std::move(text));
    if (!writing_) write_next();
    return true;
}

void Connection::write_next() {
    writing_ = true;
    stream_.async_write(
        boost::asio::buffer(queue_.front()),
        bind_cancellation_slot(
            calls_off_.write.slot(),
            [self = shared_from_this()](const Code& error, std::size_t) { self->wrote(error); }));
}

void Connection::wrote(const Code& error) {
    queued_bytes_ -= queue_.front().size();
    queue_.pop_front();
    if (error) {  // receive() hears of it as well, or the sweep ends it
        closing_ = true;
        cut_off_at_ = std::min(cut_off_at_, now());
    }
    ended(writing_);
    if (error) drop_queue();
    if (closing_) return;
    if (!queue_.empty()) return write_next();
    if (drained_) drained_();
}

void Connection::drop_queue() {
    while (queue_.size() > (writing_ ? 1U : 0U)) {
        queued_bytes_ -= queue_.back().size();
        queue_.pop_back();
    }
}

void Connection::close(CloseCode code, std::string_view reason) {
    if (closing_) return;
    closing_ = true;
    cut_off_at_ = now() + close_patience;
    drop_queue();
    if (!stream_.is_open()) return;
    close_under_way_ = true;
    const std::string_view sent = reason.substr(0, reason_bytes_max);
    const beast::websocket::close_reason why(static_cast<beast::websocket::close_code>(code),
                                             beast::string_view(sent.data(), sent.size()));
    stream_.async_close(why, bind_cancellation_slot(calls_off_.close.slot(),
                                                    [self = shared_from_this()](const Code&) {
                                                        self->ended(self->close_under_way_);
                                                    }));
}

void Connection::ended(bool& under_way) {
    under_way = false;
    if (closing_ && !is_busy()) at_rest_.set();
}

void Connection::check_deadline(core::Instant now) {
    if (closing_) {
        if (now >= cut_off_at_) cut_off();
        return;
    }
    if (now - heard_at_ >= std::chrono::seconds(options_.silence_seconds)) {
        close(CloseCode::going_away, "nothing was heard");
    } else if (now - pinged_at_ >= std::chrono::seconds(options_.ping_seconds)) {
        pinged_at_ = now;
        ping();
    }
}

void Connection::ping() {
    if (pinging_) return;  // the last one has not left yet
    pinging_ = true;
    stream_.async_ping({}, bind_cancellation_slot(calls_off_.ping.slot(),
                                                  [self = shared_from_this()](const Code&) {
                                                      self->ended(self->pinging_);
                                                  }));
}

void Connection::begin_drain() { close(CloseCode::going_away, "the server stops"); }

void Connection::cut_off() {
    closing_ = true;
    beast_close_socket(stream_.next_layer());
    boost::asio::post(executor(), [self = shared_from_this()] { self->call_off(); });
}

// No error of the socket reaches operations that wait for each other inside Beast: a close of ours
// for the read, and a read that met a broken frame meanwhile for that close.
void Connection::call_off() {
    for (boost::asio::cancellation_signal* const each :
         {&calls_off_.read, &calls_off_.write, &calls_off_.ping, &calls_off_.close}) {
        each->emit(boost::asio::cancellation_type::terminal);
    }
}

// What is under way ends at the latest when the sweep cuts the connection off.
core::Task<> Connection::finish() {
    close(CloseCode::normal, "");
    drained_ = nullptr;
    while (is_busy()) co_await at_rest_.wait(close_patience);
    beast_close_socket(stream_.next_layer());
}

namespace {

core::Task<> serve(Handler handler, Options options, std::shared_ptr<http::Upgrade> upgrade) {
    const auto connection = std::make_shared<Connection>(upgrade, options);
    if (!co_await connection->begin()) co_return;
    try {
        co_await handler(connection, upgrade->request.view());
    } catch (const std::exception& bug) {
        const log::Field route("route", upgrade->request.view().route->path);
        const log::Field reason("reason", bug.what());
        log::error("ws", "a handler failed", {route, reason});
        connection->close(CloseCode::internal, "internal error");
    }
    co_await connection->finish();
}

}  // namespace

http::Upgraded handled_by(Handler handler, Options options) {
    return [handler = std::move(handler), options](std::shared_ptr<http::Upgrade> upgrade) {
        return serve(handler, options, std::move(upgrade));
    };
}

}  // namespace souk::ws
