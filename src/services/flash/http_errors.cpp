#include "services/flash/http_errors.h"

#include "platform/http/refusals.h"
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

// {"error": …}, with the status that HTTP has for it.
Response usual(const core::Error& error, const Request& request) {
    return answer(request, http::usual_status(error.fault), ErrorBody{error.message.view()});
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
        case unauthorized:
            return usual(error, request).with("WWW-Authenticate", "Bearer");
        case conflict:
            return answer(request, 409, OutcomeBody{error.code, error.message.view()});
        case limited:
            if (error.code == client_over_limit_code)
                return usual(error, request).with("Retry-After", "1");
            return redirect(waiting_room_url);
        case overloaded:
            if (request.path == "/order") return redirect(waiting_room_url);
            return usual(error, request);
        case unavailable:
        case internal:
            return failure(error, request);
        case invalid:
        case forbidden:
        case not_found:
        case method_not_allowed:
        case request_timeout:
        case gone:
        case too_large:
        case uri_too_long:
        case unsupported_media_type:
        case expectation_failed:
        case upgrade_required:
        case headers_too_large:
        case not_implemented:
            return usual(error, request);
    }
    return failure(error, request);
}

}  // namespace souk::flash
