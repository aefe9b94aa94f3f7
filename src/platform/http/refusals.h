// Everything the platform itself refuses, in the words of HTTP, and the status of every refusal.
// Each room renders them its own way.
#pragma once

#include "platform/core/error.h"

namespace souk::http {

// What HTTP has for each kind of refusal. A room asks it wherever its contract says nothing else.
inline int usual_status(core::Fault fault) {
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

inline core::Error refusal(core::Fault fault) {
    using enum core::Fault;
    switch (fault) {
        case not_found:
            return {fault, "Not Found", "Not Found"};
        case method_not_allowed:
            return {fault, "Method Not Allowed", "Method Not Allowed"};
        case too_large:
            return {fault, "Payload Too Large", "Payload Too Large"};
        case uri_too_long:
            return {fault, "URI Too Long", "URI Too Long"};
        case headers_too_large:
            return {fault, "Request Header Fields Too Large", "Request Header Fields Too Large"};
        case unsupported_media_type:
            return {fault, "Unsupported Media Type", "Unsupported Media Type"};
        case expectation_failed:
            return {fault, "Expectation Failed", "Expectation Failed"};
        case forbidden:
            return {fault, "Forbidden", "Forbidden"};
        case upgrade_required:
            return {fault, "Upgrade Required", "Upgrade Required"};
        case request_timeout:
            return {fault, "Request Timeout", "Request Timeout"};
        case overloaded:
        case unavailable:
            return {fault, "Service Unavailable", "Service Unavailable"};
        case malformed:
            return {fault, "bad_request", "Bad Request"};
        default:
            return {internal, "Internal Server Error", "Internal Server Error"};
    }
}

}  // namespace souk::http
