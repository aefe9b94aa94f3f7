// How the session reads a request's body: in place when it is there already, else as it arrives.
#include "platform/http/answer.h"
#include "platform/http/chunked.h"
#include "platform/http/media_type.h"
#include "platform/http/refusals.h"
#include "platform/http/session.h"

#include <algorithm>
#include <utility>

namespace souk::http {
namespace {

constexpr std::size_t piece_bytes = 4'096;
constexpr std::size_t uncounted_body_bytes = 8'192;          // see Capacity
constexpr std::size_t forgotten_body_bytes_max = 1'048'576;  // of a request that is refused anyway
constexpr std::string_view continue_answer = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

// True when there is nothing to read: no body, all of it here, or an answer that ends the
// connection.
bool Session::take_body_in_place() {
    const std::size_t head = parser_.head_bytes();
    used_ = head;
    if (close_after_) return true;
    if (parser_.chunked()) return false;
    const std::uint64_t length = parser_.content_length();
    if (length > input_.size() - head) return false;
    request_.body = input_.view().substr(head, static_cast<std::size_t>(length));
    used_ += static_cast<std::size_t>(length);
    return true;
}

core::Task<> Session::read_body() {
    if (!flush_now()) co_await flush();
    if (!closing_ && !refused_) co_await authenticate_early();
    if (closing_) co_return;

    const bool expecting = parser_.expect().data() != nullptr && !parser_.version_1_0() &&
                           input_.size() == parser_.head_bytes();
    // Who is refused and waits for leave to send is told no; another one's body is read and
    // forgotten, if it is not too long for that.
    const bool is_too_long = parser_.content_length() > forgotten_body_bytes_max;
    if ((refused_ && expecting) || (forgets_body() && is_too_long)) {
        close_after_ = true;
        co_return;
    }
    // It is in flight again when its body is here: who sends slowly takes no place from others,
    // only a connection.
    count_in_flight(false);
    if (expecting && !refused_) {
        output_.append(continue_answer);
        if (!flush_now()) co_await flush();
        if (closing_) co_return;
    }
    co_await collect_body();
    if (closing_) co_return;
    count_in_flight(true);
    if (too_many_ && !refused_) refused_ = refusal(core::Fault::overloaded);
}

// Whoever is not let in has no body read for it. What `optional` lets in either way can wait.
core::Task<> Session::authenticate_early() {
    if (preflight_ || match_.route == nullptr) co_return;
    const Auth wanted = match_.route->auth;
    if (wanted != Auth::user && wanted != Auth::admin) co_return;
    activity_ = Activity::handling;
    refused_ = co_await authenticate(*match_.room, *match_.route, request_);
    authenticated_ = true;
}

core::Task<> Session::collect_body() {
    wait_until(Activity::reading_body, now() + std::chrono::seconds(limits().body_seconds));
    if (parser_.chunked()) {
        co_await read_chunked_body();
    } else {
        co_await read_sized_body();
    }
}

core::Task<> Session::read_sized_body() {
    const std::size_t head = parser_.head_bytes();
    const auto length = static_cast<std::size_t>(parser_.content_length());
    const std::string_view here = input_.view().substr(head);
    std::size_t missing = length - here.size();
    if (!forgets_body()) {
        if (!grow_body(here.size(), length)) co_return;
        body_.append(here);
    }
    input_.truncate(head);
    while (missing > 0) {
        if (forgets_body()) body_.truncate(0);
        // Twice what is here, so that memory follows the bytes that really came.
        const std::size_t next = std::min(missing, std::max(body_.size(), piece_bytes));
        if (!grow_body(next, length)) co_return;
        const std::span<char> room = body_.room();
        const std::size_t count = co_await read_piece(room.first(std::min(room.size(), missing)));
        if (count == 0) co_return;
        body_.commit(count);
        missing -= count;
    }
    request_.body = body_.view();
}

// Nobody asks for it: the request is refused, or is a preflight, or about the server itself.
bool Session::forgets_body() const {
    return refused_.has_value() || preflight_ || match_.route == nullptr;
}

core::Task<> Session::read_chunked_body() {
    const std::size_t head = parser_.head_bytes();
    const bool keep = !forgets_body();
    const std::size_t bytes_max =
        keep ? match_.route->limits.body_bytes_max : forgotten_body_bytes_max;
    ChunkDecoder decoder(bytes_max, keep ? &body_ : nullptr);
    for (;;) {
        std::string_view rest = input_.view().substr(head);
        if (keep && !grow_body(rest.size(), bytes_max)) co_return;
        const ChunkDecoder::Progress progress = decoder.feed(rest);
        if (progress == ChunkDecoder::Progress::malformed)
            co_return refuse_body(core::Fault::malformed);
        if (progress == ChunkDecoder::Progress::too_large)
            co_return refuse_body(core::Fault::too_large);
        if (progress == ChunkDecoder::Progress::done) {
            used_ = input_.size() - rest.size();
            break;
        }
        input_.truncate(head);
        const std::size_t count = co_await read_piece(input_.room());
        if (count == 0) co_return;
        input_.commit(count);
    }
    request_.body = body_.view();
    if (keep && request_.body.empty()) {
        refused_ = check_media_type(match_.route->body, {parser_.content_type(), true});
    }
}

// Zero when there is no more to be had; then either the request is refused or the client is gone.
core::Task<std::size_t> Session::read_piece(std::span<char> into) {
    Transport::Code error;
    const std::size_t count = co_await transport_.read(into, error);
    if (!error) co_return count;
    if (expired_) {
        expired_ = false;
        refuse_body(core::Fault::request_timeout);
    } else {
        lost();
    }
    co_return 0;
}

// What comes next on this connection cannot be told from the rest of this body.
void Session::refuse_body(core::Fault fault) {
    close_after_ = true;
    if (!refused_) refused_ = refusal(fault);
}

// Room for so many bytes more of a body no longer than that. False, and the request refused, when
// bodies have all the memory they may have; what was taken too much is given back with the refusal.
bool Session::grow_body(std::size_t count, std::size_t length_max) {
    body_.make_room(count, length_max);
    const std::size_t bytes =
        std::max(body_.capacity(), uncounted_body_bytes) - uncounted_body_bytes;
    const std::size_t more = bytes - body_bytes_counted_;
    if (more == 0) return true;
    body_bytes_counted_ = bytes;
    const std::size_t others = crowd_.body_bytes.fetch_add(more, std::memory_order_relaxed);
    if (others + more <= crowd_.most.body_bytes_max) return true;
    refuse_body(core::Fault::overloaded);
    return false;
}

void Session::free_body() {
    body_.truncate(0);
    body_.shrink(0);
    if (body_bytes_counted_ == 0) return;
    crowd_.body_bytes.fetch_sub(std::exchange(body_bytes_counted_, 0), std::memory_order_relaxed);
}

}  // namespace souk::http
