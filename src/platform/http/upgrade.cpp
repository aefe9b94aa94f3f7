#include "platform/http/upgrade.h"

#include "platform/http/answer.h"
#include "platform/http/ascii.h"
#include "platform/http/cors.h"
#include "platform/http/refusals.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace souk::http {
namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

// Whether a comma list of any of the headers of that name has the token.
bool has_token(const Request& request, std::string_view name, std::string_view token) {
    for (const Header& header : request.headers) {
        if (!same_letters(header.name, name)) continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            const std::size_t comma = rest.find(',');
            if (same_letters(trimmed(rest.substr(0, comma)), token)) return true;
            rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        }
    }
    return false;
}

// Sixteen bytes in base64.
bool is_key(std::string_view key) {
    const auto is_digit = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/';
    };
    return key.size() == 24 && key.ends_with("==") &&
           std::all_of(key.begin(), key.end() - 2, is_digit);
}

std::string_view accept_of(std::string_view key, const Request& request) {
    const std::string text = std::string(key) + std::string(guid);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return request.keep(
        {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)});
}

// Programs send no Origin; a page's must be one that the room lets in, or the server's own.
bool origin_allowed(const Room& room, const Route& route, const Request& request) {
    const std::string_view origin = request.header("origin").value_or("");
    return origin.empty() || allows_origin(room, &route, origin) || is_own_origin(origin, request);
}

}  // namespace

Response refuse_upgrade(const Room& room, const Request& request) {
    Response response = render(room, refusal(core::Fault::upgrade_required), request);
    response.upgrades = true;
    return response.with("Upgrade", "websocket").with("Sec-WebSocket-Version", "13");
}

core::Result<Response> switch_protocols(const Room& room, const Route& route,
                                        const Request& request) {
    const bool is_upgrade = request.verb == Verb::get &&
                            has_token(request, "connection", "upgrade") &&
                            has_token(request, "upgrade", "websocket");
    const std::string_view version = request.header("sec-websocket-version").value_or("");
    if (!is_upgrade || trimmed(version) != "13") return refuse_upgrade(room, request);
    const std::string_view key = trimmed(request.header("sec-websocket-key").value_or(""));
    if (!is_key(key)) return refusal(core::Fault::malformed);
    if (!origin_allowed(room, route, request)) return refusal(core::Fault::forbidden);

    Response response;
    response.status = 101;
    response.upgrades = true;
    response.with("Upgrade", "websocket").with("Sec-WebSocket-Accept", accept_of(key, request));
    return response;
}

KeptRequest::KeptRequest(const Request& request) {
    request_.memory_ = &memory_;
    request_.verb = request.verb;
    request_.target = request_.keep(request.target);
    request_.path = request_.keep(request.path);
    request_.query = request_.keep(request.query);
    request_.client_address = request_.keep(request.client_address);
    request_.request_id_ = request_.keep(request.request_id());
    request_.route = request.route;
    request_.caller = request.caller;
    request_.headers = keep(request.headers, headers_);
    request_.path_parameters = keep(request.path_parameters, path_parameters_);
}

std::span<const Header> KeptRequest::keep(std::span<const Header> headers,
                                          std::vector<Header>& into) {
    into.reserve(headers.size());
    for (const Header& header : headers) {
        into.push_back({request_.keep(header.name), request_.keep(header.value)});
    }
    return into;
}

}  // namespace souk::http
