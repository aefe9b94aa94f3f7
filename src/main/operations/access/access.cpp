#include "main/operations/access/access.h"

#include "main/operations/access/session.h"
#include "platform/http/ascii.h"
#include "platform/http/cors.h"

#include <algorithm>
#include <chrono>

namespace souk::operations {
namespace {

constexpr double wrong_tokens_max = 10;  // at once
constexpr double wrong_tokens_per_second = 0.1;

constexpr std::string_view bearer = "Bearer ";

bool is_port(std::string_view text) {
    return text.starts_with(':') &&
           std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

// "host" of a Host header, without the port; empty when anything else stands behind it.
std::string_view host_name(std::string_view host) {
    const std::string_view name =
        host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    const std::string_view rest = host.substr(name.size());
    return rest.empty() || is_port(rest) ? name : std::string_view();
}

// Browsers name the page that a changing request or a WebSocket comes from; programs do not.
bool is_from_another_site(const http::Request& request) {
    const std::optional<std::string_view> origin = request.header("origin");
    return origin && !http::is_own_origin(*origin, request);
}

bool changes_something(const http::Request& request) {
    return request.verb != http::Verb::get && request.verb != http::Verb::head;
}

std::string_view cookie(const http::Request& request, std::string_view name) {
    std::string_view rest = request.header("cookie").value_or("");
    while (!rest.empty()) {
        const std::string_view pair = http::trimmed(rest.substr(0, rest.find(';')));
        rest.remove_prefix(std::min(rest.size(), rest.find(';') == std::string_view::npos
                                                     ? rest.size()
                                                     : rest.find(';') + 1));
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
            return pair.substr(equals + 1);
    }
    return {};
}

std::string set_cookie(std::string_view value, std::chrono::seconds life) {
    return std::string(session_cookie) + "=" + std::string(value) +
           "; Max-Age=" + std::to_string(life.count()) + "; Path=/; HttpOnly; SameSite=Strict";
}

}  // namespace

Access::Access(Settings settings, const core::Clock& clock)
    : settings_(std::move(settings)),
      clock_(clock),
      tries_left_(wrong_tokens_max),
      counted_at_(clock.instant()) {}

core::Result<> Access::check(const http::Request& request, http::Auth auth) const {
    // A page of another site that resolves its own name to this machine sends its own name (DNS
    // rebinding). With a token there may be any name, for nothing is given without it.
    if (!asks_for_token() && !is_own_host(request)) {
        return core::Error{core::Fault::forbidden, "foreign_host",
                           "This name is not one of the operations listener; ask under localhost"};
    }
    const bool is_socket = request.route != nullptr && request.route->websocket;
    if ((changes_something(request) || is_socket) && is_from_another_site(request)) {
        return core::Error{core::Fault::forbidden, "foreign_origin",
                           "A page of another site must not do this"};
    }
    if (auth == http::Auth::optional || knows(request)) return {};
    return core::Error{core::Fault::unauthorized, "unauthorized",
                       "The admin token is missing or wrong"};
}

bool Access::is_own_host(const http::Request& request) const {
    const std::string_view host = host_name(request.header("host").value_or(""));
    return host == "127.0.0.1" || host == "[::1]" || http::same_letters(host, "localhost") ||
           http::same_letters(host, settings_.address);
}

bool Access::knows(const http::Request& request) const {
    if (!asks_for_token()) return true;
    const std::string_view sent = request.header("authorization").value_or("");
    if (sent.starts_with(bearer) && same_secret(sent.substr(bearer.size()), settings_.token))
        return true;
    return has_session(request);
}

bool Access::has_session(const http::Request& request) const {
    return is_session(cookie(request, session_cookie), settings_.token, clock_.now());
}

Access::SignIn Access::sign_in(std::string_view token) {
    if (same_secret(token, settings_.token)) return SignIn::right;
    const std::lock_guard lock(mutex_);
    const core::Instant now = clock_.instant();
    const double seconds = std::chrono::duration<double>(now - counted_at_).count();
    tries_left_ = std::min(wrong_tokens_max, tries_left_ + seconds * wrong_tokens_per_second);
    counted_at_ = now;
    if (tries_left_ < 1) return SignIn::too_many;
    tries_left_ -= 1;
    return SignIn::wrong;
}

std::string Access::new_cookie() const {
    return set_cookie(make_session(settings_.token, clock_.now() + session_life), session_life);
}

std::string Access::dropped_cookie() { return set_cookie("", std::chrono::seconds(0)); }

}  // namespace souk::operations
