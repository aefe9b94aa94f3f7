// The session's middle: from a request's head to the bytes of its answer.
#include "platform/http/answer.h"
#include "platform/http/ascii.h"
#include "platform/http/cors.h"
#include "platform/http/media_type.h"
#include "platform/http/redirect.h"
#include "platform/http/refusals.h"
#include "platform/http/serializer.h"
#include "platform/http/session.h"

namespace souk::http {
namespace {

constexpr std::size_t copied_body_bytes_max =
    16'384;  // longer ones are written from where they lie

// Of "/a?b", "http://host/a?b" (as sent to proxies) and "*".
void split_target(Request& request) {
    std::string_view rest = request.target;
    if (!rest.starts_with('/')) {
        const std::size_t scheme = rest.find("://");
        if (scheme != std::string_view::npos) {
            const std::size_t path = rest.find_first_of("/?", scheme + 3);
            rest = path == std::string_view::npos ? "/" : rest.substr(path);
            if (rest.starts_with('?')) rest = request.keep("/" + std::string(rest));
        }
    }
    const std::size_t mark = rest.find('?');
    request.path = rest.substr(0, mark);
    request.query = mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
}

}  // namespace

void Session::count_in_flight(bool starts) {
    in_flight_ = starts;
    if (starts) {
        const std::size_t others = crowd_.in_flight.fetch_add(1, std::memory_order_relaxed);
        too_many_ = others >= crowd_.most.in_flight_max;
    } else {
        crowd_.in_flight.fetch_sub(1, std::memory_order_relaxed);
    }
}

void Session::begin_request() {
    fresh_ = false;
    activity_ = Activity::handling;
    count_in_flight(true);
    if (parser_.chunked() && input_.room().size() < 1'024) {
        // Chunks are read in behind the head, which must not move any more.
        const Buffer::Moved moved = input_.make_room(4'096);
        parser_.rebase(moved.from, moved.to);
    }
    request_.verb = parser_.verb();
    request_.target = parser_.target();
    request_.headers = parser_.headers();
    request_.body = {};
    split_target(request_);
    request_.client_address = peer_text_;
    if (peer_trusted_ && parser_.has_forwarded_for()) {
        request_.client_address =
            lane_->shared().proxies.client(peer_text_, peer_trusted_, request_.headers);
    }
    match_ = mount_->router.find(request_.verb, request_.path, arena_, parameters_);
    request_.route = match_.route;
    request_.path_parameters = {parameters_.data(), parameters_.size()};
    refused_ = admit();
}

// Refusals, preflights, and clients that are gone.
bool Session::answered_without_handler() {
    if (closing_) return true;
    activity_ = Activity::handling;
    if (refused_) {
        respond(refuse());
    } else if (about_server_) {
        respond({.status = 204});
    } else if (preflight_) {
        respond(preflight_answer(*match_.room, match_.route, match_.allow, request_));
    } else {
        return false;
    }
    return true;
}

// Refused, unless the path is one of ours but for a slash at its end.
Response Session::refuse() {
    if (refused_->fault == core::Fault::not_found) {
        const std::optional<Response> elsewhere =
            slash_redirect(mount_->router, *match_.room, request_);
        if (elsewhere) return *elsewhere;
    }
    return render(*match_.room, *refused_, request_);
}

// Answers that are ready must not wait for a handler that may take its time.
bool Session::must_send_first() const { return !output_.empty() && !match_.route->hot; }

// Everything that is decided before the body is read, in the order the contracts count on.
std::optional<core::Error> Session::admit() {
    using enum core::Fault;
    if (over_limit_) close_after_ = true;
    if (over_limit_ || too_many_) return refusal(overloaded);
    if (match_.bad_encoding) return refusal(malformed);
    if (!request_.path.starts_with('/')) {
        about_server_ = request_.verb == Verb::options && request_.target == "*";
        if (about_server_) return std::nullopt;
        return refusal(malformed);  // CONNECT's host:port, for one (RFC 9112, 3.2)
    }
    preflight_ = is_preflight(request_) && answers_preflights(*match_.room, match_);
    if (preflight_) return std::nullopt;
    if (!match_.known()) return refusal(not_found);
    if (match_.route == nullptr) return refusal(method_not_allowed);
    return admit_body();
}

std::optional<core::Error> Session::admit_body() {
    const Route& route = *match_.route;
    if (parser_.content_length() > route.limits.body_bytes_max) {
        close_after_ = true;
        return refusal(core::Fault::too_large);
    }
    const bool empty = !parser_.chunked() && parser_.content_length() == 0;
    std::optional<core::Error> wrong =
        check_media_type(route.body, {parser_.content_type(), empty});
    if (wrong) return wrong;
    if (parser_.expect().data() != nullptr && !same_letters(parser_.expect(), "100-continue")) {
        return refusal(core::Fault::expectation_failed);
    }
    return std::nullopt;
}

// A head that could not be read to its end: answered by the first room, as far as it is known.
void Session::refuse_head(const core::Error& error) {
    fresh_ = false;
    activity_ = Activity::handling;
    close_after_ = true;
    request_.verb = parser_.verb();
    request_.target = request_.path = request_.query = request_.body = {};
    request_.headers = parser_.headers();
    request_.path_parameters = {};
    request_.route = nullptr;
    request_.client_address = peer_text_;
    match_ = Router::Match{};
    match_.room = &mount_->router.first_room();
    used_ = input_.size();
    respond(render(*match_.room, error, request_));
    end_request();
}

// What the request said is kept; the socket follows once the answer has left.
void Session::leave_http(const Response& response) {
    if (parser_.version_1_0()) return respond(refuse_upgrade(*match_.room, request_));
    const CorsHeaders extra = cors_headers(*match_.room, match_.route, parser_.origin());
    Framing framing;
    framing.date = lane_->date();
    framing.extra = {extra.data(), extra.size()};
    write_head(output_, response, framing);
    mount_->observer.record({match_, request_, response.status, now() - started_, 0},
                            lane_->until_line());
    upgrade_ = std::make_unique<Upgrade>(lane_, mount_, crowd_, request_);
    upgrade_->early = input_.view().substr(std::min(used_, input_.size()));
    closing_ = true;
}

void Session::respond(const Response& response) {
    if (response.status == 101) [[unlikely]]
        return leave_http(response);
    const bool last = lane_->draining() && input_.size() <= used_;
    closing_ = close_after_ || response.close || last || !parser_.keep_alive();
    const CorsHeaders extra = preflight_
                                  ? preflight_cors_headers(*match_.room, match_.route, request_)
                                  : cors_headers(*match_.room, match_.route, parser_.origin());
    Framing framing;
    framing.date = lane_->date();
    framing.extra = {extra.data(), extra.size()};
    if (response.status == 405) framing.allow = match_.allow;
    framing.close = closing_;
    framing.version_1_0 = parser_.version_1_0();
    write_head(output_, response, framing);

    std::size_t bytes = 0;
    if (request_.verb != Verb::head && has_body(response.status)) {
        bytes = response.body.size();
        if (bytes <= copied_body_bytes_max) {
            output_.append(response.body);
        } else {
            tail_ = response.body;
            tail_owner_ = response.owner;
        }
    }
    const core::Instant done = now();
    mount_->observer.record({match_, request_, response.status, done - started_, bytes},
                            lane_->until_line());
    started_ = head_done_ = done;
}

void Session::end_request() {
    if (in_flight_) count_in_flight(false);
    input_.consume(std::min(used_, input_.size()));
    used_ = 0;
    parser_.reset();
    free_body();
    parameters_.clear();
    request_.caller = {};
    request_.request_id_ = {};
    authenticated_ = false;
    preflight_ = false;
    about_server_ = false;
    refused_.reset();
    arena_.release();
}

}  // namespace souk::http
