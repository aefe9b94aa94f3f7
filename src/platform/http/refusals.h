// Everything the platform itself refuses, in the words of HTTP. Each room renders them its own way.
#pragma once

#include "platform/core/error.h"

namespace souk::http {

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
