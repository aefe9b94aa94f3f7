#include "services/store/http_errors.h"

#include "platform/http/refusals.h"
#include "platform/http/route.h"
#include "services/store/errors.h"
#include "services/store/wire_answers.h"

#include <array>
#include <string>

namespace souk::store {
namespace {

using http::Request;
using http::Response;
using http::Verb;

// What a route says when it is not the request's fault (spec 2.2).
struct Failure {
    Verb verb;
    std::string_view path;
    std::string_view code;
    std::string_view message;
};

constexpr std::array<Failure, 8> failures{
    {{Verb::get, "/api/product", "SERVER_FETCH_ERROR", "Failed to retrieve products."},
     {Verb::get, "/api/product/{product_id}", "SERVER_FETCH_ERROR",
      "Failed to retrieve the product."},
     {Verb::post, "/api/product", "DB_CREATE_ERROR", "Failed to create the product."},
     {Verb::get, "/api/cart", "SERVER_FETCH_ERROR", "Failed to retrieve the cart."},
     {Verb::post, "/api/cart", "SERVER_ADD_CART_ERROR", "Failed to change the cart."},
     {Verb::post, "/api/review", "REVIEW_PROCESSING_ERROR", "Failed to add the review."},
     {Verb::post, "/api/contact", "CONTACT_PROCESSING_ERROR", "Failed to take the message."},
     {Verb::post, "/api/checkout", "CHECKOUT_ERROR", "Failed to place the order."}}
};

Response refuse(int status, std::string_view code, std::string_view message,
                const Request& request) {
    return answer(request, status,
                  Refused{.success = false, .message = message, .error_code = code});
}

Response refuse(int status, const core::Error& error, const Request& request) {
    return refuse(status, error.code, error.message.view(), request);
}

// With the status that HTTP has for it. What the platform refuses has its code from here.
Response usual(const core::Error& error, const Request& request) {
    return refuse(http::usual_status(error.fault), error, request);
}
Response usual(std::string_view code, const core::Error& error, const Request& request) {
    return refuse(http::usual_status(error.fault), code, error.message.view(), request);
}

Response failed(const Request& request) {
    if (request.route != nullptr) {
        for (const Failure& each : failures) {
            if (each.verb == request.route->verb && each.path == request.route->path)
                return refuse(500, each.code, each.message, request);
        }
    }
    return refuse(500, "SERVER_ERROR", "Something went wrong.", request);
}

// The message of the error is the seconds.
Response over_limit(const core::Error& error, const Request& request) {
    const std::string seconds(error.message.view());
    const std::string said = "Too many messages; try again in " + seconds + " seconds.";
    return refuse(429, rate_limited_code, said, request).with("Retry-After", request.keep(seconds));
}

Response broken(const core::Error& error, const Request& request) {
    if (error.code == keys_unavailable_code)
        return refuse(503, error, request).with("Retry-After", "1");
    if (error.code == cdn_auth_code) return refuse(500, error, request);
    return failed(request);
}

}  // namespace

Response render_error(const core::Error& error, const Request& request) {
    using enum core::Fault;
    switch (error.fault) {
        case malformed:  // broken HTTP; broken JSON is a validation error
            return refuse(400, "BAD_REQUEST", "Bad Request", request);
        case invalid:
            return refuse(error.code == validation_code ? 422 : 400, error, request);
        case unauthorized:
            return usual(error, request).with("WWW-Authenticate", "Bearer");
        case forbidden:
            return usual("FORBIDDEN", error, request);
        case not_found:
            if (request.route == nullptr) return usual("NOT_FOUND", error, request);
            return usual(error, request);
        case method_not_allowed:
            return usual("METHOD_NOT_ALLOWED", error, request);
        case request_timeout:
            return usual("REQUEST_TIMEOUT", error, request);
        case conflict:
        case gone:
            return usual(error, request);
        case too_large:
            return usual("PAYLOAD_TOO_LARGE", error, request);
        case uri_too_long:
            return usual("URI_TOO_LONG", error, request);
        case unsupported_media_type:
            return usual("UNSUPPORTED_MEDIA_TYPE", error, request);
        case expectation_failed:
            return usual("EXPECTATION_FAILED", error, request);
        case upgrade_required:
            return usual("UPGRADE_REQUIRED", error, request);
        case headers_too_large:
            return usual("HEADERS_TOO_LARGE", error, request);
        case limited:
            return over_limit(error, request);
        case overloaded:
            return usual("OVERLOADED", error, request).with("Retry-After", "1");
        case not_implemented:
            return usual("NOT_IMPLEMENTED", error, request);
        case unavailable:
        case internal:
            return broken(error, request);
    }
    return failed(request);
}

}  // namespace souk::store
