// From a matched request to its answer: who is it, what does the handler say, and how does the room
// put a refusal or a failure. Failures are logged here, once.
#pragma once

#include "platform/http/room.h"

#include <optional>

namespace souk::http {

// The room's own words. A room whose words fail gets a bare 500.
Response render(const Room& room, const core::Error& error, const Request& request);

// What the room says against the caller, if anything. Never throws.
core::Task<std::optional<core::Error>> authenticate(const Room& room, const Route& route,
                                                    Request& request);

// Runs the handler, after authenticate() unless that was done before. Never throws.
core::Task<Response> answer(const Room& room, const Route& route, Request& request,
                            bool is_authenticated = false);

}  // namespace souk::http
