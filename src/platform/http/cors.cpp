#include "platform/http/cors.h"

#include "platform/http/ascii.h"

#include <algorithm>
#include <charconv>

namespace souk::http {
namespace {

bool any_origin(const Cors& cors) { return cors.origins.size() == 1 && cors.origins[0] == "*"; }

bool open_to_all(const Room& room, const Route* route) {
    return (route != nullptr && route->cors_open) ||
           (any_origin(room.cors) && !room.cors.credentials);
}

// Whether `word` stands in the comma list.
bool is_listed(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::string_view item = list.substr(0, list.find(','));
        if (trimmed(item) == word) return true;
        list.remove_prefix(std::min(list.size(), item.size() + 1));
    }
    return false;
}

// With credentials browsers take no "*", so the origin itself is named.
bool allowed(const Cors& cors, std::string_view origin) {
    return any_origin(cors) ||
           std::find(cors.origins.begin(), cors.origins.end(), origin) != cors.origins.end();
}

// "origin", "method" or both with a comma: what an outspoken room does not allow of a preflight.
std::string_view refused_parts(const Room& room, const Route* route, const Request& request) {
    const bool origin = allows_origin(room, route, request.header("origin").value_or(""));
    const bool method =
        is_listed(room.cors.outspoken_methods,
                  trimmed(request.header("access-control-request-method").value_or("")));
    if (!origin) return method ? "origin" : "origin, method";
    return method ? "" : "method";
}

Response refuse_preflight(const Room& room, const Route* route, const Request& request) {
    Response answer;
    answer.status = 400;
    answer.content_type = text_type;
    answer.body =
        request.keep("Disallowed CORS " + std::string(refused_parts(room, route, request)));
    return answer;
}

}  // namespace

bool has_cors(const Room& room, const Route* route) {
    return (route != nullptr && route->cors_open) || !room.cors.origins.empty();
}

bool allows_origin(const Room& room, const Route* route, std::string_view origin) {
    return open_to_all(room, route) || allowed(room.cors, origin);
}

CorsHeaders cors_headers(const Room& room, const Route* route, std::string_view origin) {
    CorsHeaders headers;
    if (!has_cors(room, route)) return headers;
    const bool open = open_to_all(room, route);
    // A cache must not hand an answer made for one origin, or for none, to another.
    if (!open) headers.push_back({"Vary", "Origin"});
    if (!open && (origin.empty() || !allowed(room.cors, origin))) return headers;

    headers.push_back({"Access-Control-Allow-Origin", open ? std::string_view("*") : origin});
    if (room.cors.credentials && !open) {
        headers.push_back({"Access-Control-Allow-Credentials", "true"});
    }
    if (!room.cors.exposed_headers.empty()) {
        headers.push_back({"Access-Control-Expose-Headers", room.cors.exposed_headers});
    }
    return headers;
}

bool is_own_origin(std::string_view origin, const Request& request) {
    const std::string_view host = request.header("host").value_or("");
    if (host.empty()) return false;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!same_letters(origin.substr(0, scheme.size()), scheme)) continue;
        return same_letters(origin.substr(scheme.size()), host);
    }
    return false;
}

bool is_preflight(const Request& request) {
    return request.verb == Verb::options && request.header("origin") &&
           request.header("access-control-request-method");
}

bool answers_preflights(const Room& room, const Router::Match& match) {
    return has_cors(room, match.route) && (match.known() || !room.cors.outspoken_methods.empty());
}

Response preflight_answer(const Room& room, const Route* route, std::string_view allow,
                          const Request& request) {
    const bool outspoken = !room.cors.outspoken_methods.empty();
    if (outspoken && !refused_parts(room, route, request).empty())
        return refuse_preflight(room, route, request);
    Response answer;
    answer.status = 204;
    if (outspoken) {
        answer.status = 200;
        answer.content_type = text_type;
        answer.body = "OK";
    }
    const std::string_view origin = request.header("origin").value_or("");
    const bool open = open_to_all(room, route);
    if (!open && !allowed(room.cors, origin)) return answer;

    answer.with("Access-Control-Allow-Methods",
                outspoken ? std::string_view(room.cors.outspoken_methods) : allow);
    if (!room.cors.allowed_headers.empty()) {
        answer.with("Access-Control-Allow-Headers", room.cors.allowed_headers);
    } else if (const auto wanted = request.header("access-control-request-headers");
               (open || outspoken) && wanted) {
        answer.with("Access-Control-Allow-Headers", *wanted);
    }
    char seconds[16];
    const char* const end =
        std::to_chars(seconds, seconds + sizeof seconds, room.cors.preflight_seconds).ptr;
    return answer.with("Access-Control-Max-Age",
                       request.keep({seconds, static_cast<std::size_t>(end - seconds)}));
}

CorsHeaders preflight_cors_headers(const Room& room, const Route* route, const Request& request) {
    if (!room.cors.outspoken_methods.empty() && !refused_parts(room, route, request).empty()) {
        CorsHeaders headers;
        headers.push_back({"Vary", "Origin"});
        return headers;
    }
    return cors_headers(room, route, request.header("origin").value_or(""));
}

}  // namespace souk::http
