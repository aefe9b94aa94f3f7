#include "main/operations/answer.h"

#include "platform/http/route.h"

namespace souk::operations {
namespace {

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

}  // namespace

http::Response json_answer(std::string_view text) {
    http::Response response{.content_type = http::json_type, .body = text};
    return response.with("Cache-Control", "no-store").with("X-Content-Type-Options", "nosniff");
}

http::Response see_other(std::string_view location) {
    http::Response response{.status = 303};
    return response.with("Location", location).with("Cache-Control", "no-store");
}

http::Response render_error(const core::Error& error, const http::Request& request) {
    // Somebody with a browser is led to the form; programs are told.
    const bool is_page = request.route != nullptr && request.route->path == "/";
    if (is_page && error.fault == core::Fault::unauthorized) return see_other("/login");
    return answer(request, status_of(error.fault), ErrorBody{error.message.view()});
}

}  // namespace souk::operations
