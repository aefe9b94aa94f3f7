#include "main/operations.h"

#include "platform/json/schema.h"
#include "platform/json/write.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <string_view>

namespace souk {

struct ErrorBody {
    std::string_view error;
};
struct AliveBody {
    std::string_view status;
};
struct ReadyBody {
    std::string_view status;
    std::vector<Dependency> dependencies;
};

namespace json {
template <>
inline constexpr auto shape<ErrorBody> = object("Error", field("error", &ErrorBody::error));
template <>
inline constexpr auto shape<AliveBody> = object("Alive", field("status", &AliveBody::status));
template <>
inline constexpr auto shape<Dependency> =
    object("Dependency", field("name", &Dependency::name),
           field("state", &Dependency::state, "up or down"), field("detail", &Dependency::detail));
template <>
inline constexpr auto shape<ReadyBody> = object("Ready", field("status", &ReadyBody::status),
                                                field("dependencies", &ReadyBody::dependencies));
}  // namespace json

namespace {

using core::Result;
using core::Task;
using http::Request;
using http::Response;

template <typename Body>
Response answer(const Request& request, int status, const Body& body) {
    Response response;
    response.status = status;
    response.content_type = http::json_type;
    response.body = json::to_text(body, request.memory());
    return response;
}

Task<Result<Response>> alive(const Operations&, const Request& request) {
    co_return answer(request, 200, AliveBody{"alive"});
}

Task<Result<Response>> show_metrics(const Operations& operations, const Request& request) {
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = request.keep(operations.metrics_text());
    co_return response;
}

Task<Result<Response>> describe(const Operations& operations, const Request& request) {
    std::string_view name = request.path_parameter("document");
    if (name.ends_with(".json")) name.remove_suffix(5);
    const auto found = operations.descriptions.find(std::string(name));
    if (found == operations.descriptions.end()) {
        co_return core::Error{core::Fault::not_found, "not_found",
                              "No service of that name runs here"};
    }
    Response response;
    response.content_type = http::json_type;
    response.body = found->second;
    co_return response;
}

int status_of(core::Fault fault) {
    using enum core::Fault;
    switch (fault) {
        case malformed:
        case invalid:
            return 400;
        case unauthorized:
            return 401;
        case forbidden:
            return 403;
        case not_found:
            return 404;
        case method_not_allowed:
            return 405;
        case request_timeout:
            return 408;
        case conflict:
            return 409;
        case gone:
            return 410;
        case too_large:
            return 413;
        case uri_too_long:
            return 414;
        case unsupported_media_type:
            return 415;
        case expectation_failed:
            return 417;
        case upgrade_required:
            return 426;
        case limited:
            return 429;
        case headers_too_large:
            return 431;
        case not_implemented:
            return 501;
        case overloaded:
        case unavailable:
            return 503;
        case internal:
            return 500;
    }
    return 500;
}

// "host" of a Host header, without the port.
std::string_view host_name(std::string_view host) {
    return host.starts_with('[') ? host.substr(0, host.find(']') + 1)
                                 : host.substr(0, host.find(':'));
}

// A page of another site that resolves its own name to this machine sends its own name (DNS
// rebinding).
bool is_own_host(const Operations& operations, const Request& request) {
    const std::string_view host = host_name(request.header("host").value_or(""));
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]" ||
           host == operations.address;
}

bool knows_token(const Operations& operations, const Request& request) {
    const std::string_view sent = request.header("authorization").value_or("");
    const std::string wanted = "Bearer " + operations.token;
    return sent.size() == wanted.size() &&
           CRYPTO_memcmp(sent.data(), wanted.data(), wanted.size()) == 0;
}

Task<Result<Response>> ready(const Operations& operations, const Request& request) {
    ReadyBody body{"ready", operations.dependencies()};
    const bool all_up = std::all_of(body.dependencies.begin(), body.dependencies.end(),
                                    [](const Dependency& each) { return each.state == "up"; });
    if (!operations.token.empty() && !knows_token(operations, request)) {
        for (Dependency& each : body.dependencies)
            each.detail.clear();  // addresses are not for everybody
    }
    if (!all_up) body.status = "unavailable";
    co_return answer(request, all_up ? 200 : 503, body);
}

// Without a token this machine's own programs may ask; with one, health is for everybody.
Task<Result<>> authenticate(const Operations& operations, const Request& request, http::Auth auth) {
    if (operations.token.empty()) {
        if (is_own_host(operations, request)) co_return Result<>();
        co_return core::Error{core::Fault::forbidden, "foreign_host", "Foreign Host header"};
    }
    if (auth == http::Auth::optional || knows_token(operations, request)) co_return Result<>();
    co_return core::Error{core::Fault::unauthorized, "unauthorized", "Unauthorized"};
}

}  // namespace

http::Room operations_room(const Operations& operations) {
    using enum http::Verb;
    using enum http::Auth;
    const auto to = [&operations](auto* handle) -> http::Handler {
        return
            [&operations, handle](const Request& request) { return handle(operations, request); };
    };
    http::Room room;
    room.service = "operations";
    room.error_schema = json::schema<ErrorBody>;
    room.routes = {
        {.verb = get,
         .path = "/healthz",
         .auth = optional,
         .handler = to(alive),
         .summary = "The process is alive",
         .answers = {{200, "alive", json::schema<AliveBody>}}                                 },
        {.verb = get,
         .path = "/readyz",
         .auth = optional,
         .handler = to(ready),
         .summary = "Each dependency with its state",
         .answers = {{200, "all up", json::schema<ReadyBody>},
                     {503, "something is down", json::schema<ReadyBody>}}                     },
        {.verb = get,
         .path = "/metrics",
         .auth = admin,
         .handler = to(show_metrics),
         .summary = "Prometheus text",
         .answers = {{200, "the metrics", nullptr, "text/plain"}}                             },
        {.verb = get,
         .path = "/openapi/{document}",
         .auth = admin,
         .handler = to(describe),
         .summary = "OpenAPI 3.1 of a service",
         .answers = {{200, "the document"}, {404, "no such service", json::schema<ErrorBody>}}},
    };
    room.render_error = [](const core::Error& error, const Request& request) {
        return answer(request, status_of(error.fault), ErrorBody{error.message.view()});
    };
    room.authenticate = [&operations](Request& request, http::Auth auth) {
        return authenticate(operations, request, auth);
    };
    return room;
}

}  // namespace souk
