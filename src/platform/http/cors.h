// Cross-origin answers for browsers, from a room's list of origins.
#pragma once

#include "platform/http/room.h"
#include "platform/http/router.h"

#include <boost/container/static_vector.hpp>

#include <string_view>

namespace souk::http {

using CorsHeaders = boost::container::static_vector<Header, 6>;

// What every answer of the room carries. `route` may be null. `origin` is empty without that
// header.
CorsHeaders cors_headers(const Room& room, const Route* route, std::string_view origin);

// Whether pages of this origin are let in.
bool allows_origin(const Room& room, const Route* route, std::string_view origin);

// Whether a page of this origin came from the server itself: it names the Host that was asked.
bool is_own_origin(std::string_view origin, const Request& request);

// A preflight: OPTIONS with an Origin and the method a page wants to use.
bool is_preflight(const Request& request);

// Whether anybody from elsewhere is let in at all.
bool has_cors(const Room& room, const Route* route);

// Whether the room answers preflights for what was asked.
bool answers_preflights(const Room& room, const Router::Match& match);

// Quiet: 204 with what is allowed; without those headers for an origin that is not. Outspoken: 200
// "OK", or 400 with what is not allowed. `allow` are the path's verbs. Texts are kept in the
// request's memory.
Response preflight_answer(const Room& room, const Route* route, std::string_view allow,
                          const Request& request);

// What the answer to a preflight carries besides.
CorsHeaders preflight_cors_headers(const Room& room, const Route* route, const Request& request);

}  // namespace souk::http
