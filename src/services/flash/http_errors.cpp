#include "services/flash/http_errors.h"

#include "services/flash/errors.h"
#include "services/flash/wire.h"

namespace souk::flash {
namespace {

using http::Request;
using http::Response;

Response redirect(std::string_view waiting_room_url) {
    Response response;
    response.status = 302;
    response.with("Location", waiting_room_url)
        .with("Retry-After", "1")
        .with("Cache-Control", "no-store");
    return response;
}

// Faults whose body is {"error": …}, with their status.
Response error_with(int status, const core::Error& error, const Request& request) {
    return answer(request, status, ErrorBody{error.message.view()});
}

Response failure(const core::Error& error, const Request& request) {
    if (error.code == component_down_code)
        return answer(request, 503, OutcomeBody{"error", error.message.view()});
    const bool is_order = request.path == "/order" || error.code == not_handed_over().code;
    return answer(request, 500,
                  OutcomeBody{"error", is_order ? "Order processing failed" : "Internal error"});
}

}  // namespace

Response render_error(std::string_view waiting_room_url, const core::Error& error,
                      const Request& request) {
    using enum core::Fault;
    switch (error.fault) {
        case malformed:
            // Broken HTTP keeps its own words; a broken body is the contract's (F7).
            return answer(
                request, 400,
                ErrorBody{error.code == "bad_request" ? error.message.view() : "Invalid JSON"});
        case invalid:
            return error_with(400, error, request);
        case unauthorized:
            return error_with(401, error, request).with("WWW-Authenticate", "Bearer");
        case forbidden:
            return error_with(403, error, request);
        case not_found:
            return error_with(404, error, request);
        case method_not_allowed:
            return error_with(405, error, request);
        case request_timeout:
            return error_with(408, error, request);
        case conflict:
            return answer(request, 409, OutcomeBody{error.code, error.message.view()});
        case gone:
            return error_with(410, error, request);
        case too_large:
            return error_with(413, error, request);
        case uri_too_long:
            return error_with(414, error, request);
        case unsupported_media_type:
            return error_with(415, error, request);
        case expectation_failed:
            return error_with(417, error, request);
        case upgrade_required:
            return error_with(426, error, request);
        case headers_too_large:
            return error_with(431, error, request);
        case limited:
            if (error.code == client_over_limit_code)
                return error_with(429, error, request).with("Retry-After", "1");
            return redirect(waiting_room_url);
        case overloaded:
            if (request.path == "/order") return redirect(waiting_room_url);
            return error_with(503, error, request);
        case not_implemented:
            return error_with(501, error, request);
        case unavailable:
        case internal:
            return failure(error, request);
    }
    return failure(error, request);
}

}  // namespace souk::flash
