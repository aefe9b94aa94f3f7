// From a matched request to its answer: who is it, what does the handler say, and how does the room
// put a refusal or a failure. Failures are logged here, once.
#pragma once

#include "platform/http/room.h"

namespace souk::http {

// The room's own words. A room whose words fail gets a bare 500.
Response render(const Room& room, const core::Error& error, const Request& request);

// Authenticates and runs the handler. Never throws.
core::Task<Response> answer(const Room& room, const Route& route, Request& request);

}  // namespace souk::http
