#include "platform/http/session.h"

#include "platform/http/answer.h"
#include "platform/http/refusals.h"

#include <algorithm>
#include <chrono>

namespace souk::http {
namespace {

constexpr std::size_t input_bytes_first = 2'048;
constexpr std::size_t input_room_min = 512;
constexpr std::size_t output_bytes_kept = 16'384;    // by an idle connection
constexpr std::size_t write_bytes_at_once = 65'536;  // each within write_seconds
constexpr std::size_t output_bytes_batched = 65'536;
constexpr std::size_t linger_bytes_max = 1'048'576;
constexpr std::chrono::seconds linger_time{2};
constexpr std::chrono::milliseconds drain_grace{500};  // for a connection that has not asked yet

core::Error refusal_of(Refused why) {
    switch (why) {
        case Refused::malformed:
            return refusal(core::Fault::malformed);
        case Refused::target_too_long:
            return refusal(core::Fault::uri_too_long);
        case Refused::headers_too_large:
            return refusal(core::Fault::headers_too_large);
    }
    return refusal(core::Fault::malformed);
}

}  // namespace

Session::Session(std::shared_ptr<Lane> lane, std::shared_ptr<const Mount> mount,
                 Transport transport, const Address& peer)
    : lane_(std::move(lane)),
      mount_(std::move(mount)),
      crowd_(mount_->crowd(lane_->shared())),
      transport_(std::move(transport)),
      peer_text_(to_string(peer)),
      parser_({limits().header_bytes_max, limits().target_bytes_max}),
      arena_(memory_.data(), memory_.size()) {
    Shared& shared = lane_->shared();
    over_limit_ = !shared.connection_began(crowd_);
    peer_trusted_ = shared.proxies.contains(peer);
    request_.memory_ = &arena_;
    request_.ids_ = &lane_->request_ids();
    started_ = now();
    lane_->add(*this);
}

Session::~Session() {
    if (in_flight_) count_in_flight(false);
    free_body();
    lane_->shared().connection_ended(crowd_);
}

// One coroutine does all a usual request needs; the others are for what takes longer.
core::Task<> Session::run() {
    while (!closing_) {
        const Parser::Progress progress = parser_.parse(input_.view());
        if (progress == Parser::Progress::done) {
            begin_request();
            if (!take_body_in_place()) co_await read_body();
            if (!answered_without_handler()) {
                if (must_send_first() && !flush_now()) co_await flush();
                activity_ = Activity::handling;
                const Response response =
                    co_await answer(*match_.room, *match_.route, request_, authenticated_);
                respond(response);
            }
            if (!tail_.empty() && !flush_now()) {
                // Who is slow to read takes no place from others, only a connection.
                count_in_flight(false);
                co_await flush();
            }
            end_request();
            if (output_.size() >= output_bytes_batched && !flush_now()) co_await flush();
            continue;
        }
        if (progress == Parser::Progress::refused) {
            refuse_head(refusal_of(parser_.refused()));
            continue;
        }
        if (!flush_now()) co_await flush();
        if (closing_ || !ready_to_read()) continue;
        Transport::Code error;
        const std::size_t count = co_await transport_.read(input_.room(), error);
        arrived(count, error);
    }
    if (!flush_now()) co_await flush();
    if (close_after_) co_await linger();
}

std::unique_ptr<Upgrade> Session::take_upgrade() {
    if (upgrade_) upgrade_->socket.emplace(transport_.release());
    return std::move(upgrade_);
}

void Session::wait_until(Activity activity, core::Instant deadline) {
    activity_ = activity;
    deadline_ = deadline;
}

void Session::check_deadline(core::Instant now) {
    if (activity_ == Activity::handling || now < deadline_) return;
    expired_ = true;
    transport_.wake();
}

void Session::begin_drain() {
    if (activity_ != Activity::idle) return;
    if (fresh_) {
        deadline_ = std::min(deadline_, now() + drain_grace);
    } else {
        transport_.wake();
    }
}

void Session::cut_off() {
    lost();
    transport_.close();
}

// False when there is nothing to wait for.
bool Session::ready_to_read() {
    if (input_.empty()) {
        input_.shrink(input_bytes_first);
        output_.shrink(output_bytes_kept);
        if (lane_->draining() && !fresh_) {
            last_read();
            return false;
        }
        const auto idle = std::chrono::seconds(limits().idle_seconds);
        wait_until(Activity::idle,
                   started_ + (lane_->draining() ? core::Instant::duration(drain_grace) : idle));
    } else if (activity_ != Activity::reading_head) {
        wait_until(Activity::reading_head,
                   started_ + std::chrono::seconds(limits().header_seconds));
    }
    if (input_.room().size() < input_room_min) {
        const Buffer::Moved moved =
            input_.make_room(input_.capacity() == 0 ? input_bytes_first : input_room_min);
        parser_.rebase(moved.from, moved.to);
    }
    return true;
}

void Session::arrived(std::size_t count, const Transport::Code& error) {
    input_.commit(count);
    if (!error) {
        const bool first = activity_ == Activity::idle;
        const core::Instant arrival = now();
        if (first) started_ = arrival;
        head_done_ = arrival;
        return;
    }
    const bool asked = activity_ == Activity::reading_head;
    if (error != boost::asio::error::operation_aborted || closing_) {
        lost();
    } else if (!expired_) {
        last_read();  // woken by drain: a request may have come in the same moment
    } else if (asked) {
        refuse_head(refusal(core::Fault::request_timeout));
    } else {
        closing_ = true;
    }
    expired_ = false;
}

// Takes what has come in already, or ends.
void Session::last_read() {
    input_.make_room(input_bytes_first);
    Transport::Code error;
    const std::size_t count = transport_.read_now(input_.room(), error);
    input_.commit(count);
    started_ = head_done_ = now();
    if (error) closing_ = true;
}

void Session::sent(std::size_t count) {
    if (output_.empty()) {
        tail_.remove_prefix(count);
    } else {
        output_.consume(count);
    }
}

// True when nothing is left to send.
bool Session::flush_now() {
    while (!next_piece().empty()) {
        Transport::Code error;
        const std::size_t count = transport_.write_now(next_piece(), error);
        if (error == boost::asio::error::would_block) return false;
        if (error) {
            lost();
            return true;
        }
        sent(count);
    }
    tail_owner_.reset();
    return true;
}

// Waits for a client that is slow to read; each piece must leave within write_seconds.
core::Task<> Session::flush() {
    while (!flush_now()) {
        wait_until(Activity::writing, now() + std::chrono::seconds(limits().write_seconds));
        Transport::Code error;
        const std::size_t count =
            co_await transport_.write(next_piece().substr(0, write_bytes_at_once), error);
        if (error) {
            lost();
            co_return;
        }
        sent(count);
    }
}

// Reads and forgets what the client still sends, so that the answer is not lost to a reset.
core::Task<> Session::linger() {
    transport_.finish_sending();
    wait_until(Activity::lingering, now() + linger_time);
    expired_ = false;
    std::size_t forgotten = 0;
    input_.truncate(0);
    input_.make_room(input_bytes_first);
    while (forgotten < linger_bytes_max && !expired_) {
        Transport::Code error;
        forgotten += co_await transport_.read(input_.room(), error);
        if (error) co_return;
    }
}

// The client is gone, or cut off: what was to be sent is dropped.
void Session::lost() {
    closing_ = true;
    close_after_ = false;
    output_.truncate(0);
    tail_ = {};
    tail_owner_.reset();
    upgrade_.reset();
}

}  // namespace souk::http
