// What a service mounts on one listener: its routes and how its contract says no.
#pragma once

#include "platform/core/result.h"
#include "platform/core/task.h"
#include "platform/http/route.h"

#include <functional>
#include <string>
#include <vector>

namespace souk::http {

// Cross-origin access of browsers. No origins: none is allowed, and no header is sent.
struct Cors {
    std::vector<std::string> origins;  // exact, or a single "*"
    std::string allowed_headers;       // for preflights, comma list
    std::string exposed_headers;       // comma list
    bool credentials = false;
    int preflight_seconds = 600;

    // Preflights are answered with a text and for every path, known or not; all headers asked for
    // are allowed, and these methods (comma list). Empty: quietly, for the path's own verbs.
    std::string outspoken_methods = {};
};

struct Room {
    std::string service;   // for logs and metrics
    std::string listener;  // which of the service's, for the API description; empty: its only one
    Routes routes;

    // The only place of the room that knows status codes; also used for what the platform refuses
    // (404, 405, 408, 413, 414, 415, 417, 431, 503) and for failures (Fault::internal,
    // unavailable). `request.route` may be null. 405 gets its Allow header from the platform.
    std::function<Response(const core::Error&, const Request&)> render_error;

    // The body of what the platform refuses, for the API description.
    Schema error_schema = nullptr;

    // Called when a route's auth is not none; may set request.caller.
    std::function<core::Task<core::Result<>>(Request&, Auth)> authenticate;

    Cors cors;

    // Whether a path with one slash too many at its end is redirected (307) to the one without.
    bool redirects_slash = false;
};

}  // namespace souk::http
