// What is said when a request is refused (Error) and when the world is broken (Unavailable).
#pragma once

#include "platform/core/text.h"

#include <stdexcept>
#include <string_view>

namespace souk::core {

// The kind of a refusal. Each room's render_error maps every kind to its contract's status, in a
// switch without default, so that a new kind does not compile until every room has mapped it.
enum class Fault {
    malformed,     // the bytes are not what they claim to be (broken JSON, broken HTTP)
    invalid,       // readable, but against a declared type, limit or rule
    unauthorized,  // no or wrong credentials
    forbidden,     // known caller, not allowed
    not_found,
    method_not_allowed,
    conflict,
    gone,
    too_large,
    uri_too_long,
    headers_too_large,
    unsupported_media_type,
    expectation_failed,
    upgrade_required,
    request_timeout,  // the client was too slow in sending
    limited,          // over a rate limit
    overloaded,       // more requests in flight than the server takes
    unavailable,      // a dependency is down or a deadline passed
    not_implemented,
    internal  // our mistake; details are in the log, not in the answer
};

struct Error {
    Fault fault = Fault::internal;
    std::string_view code;  // stable, for programs; always a literal
    Text message;           // for people
};

// Thrown when a dependency is down, full, or late; becomes Fault::unavailable at the edge.
class Unavailable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace souk::core
