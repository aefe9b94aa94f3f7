// How the contract says no: envelopes and status codes, nowhere else.
#pragma once

#include "platform/core/error.h"
#include "platform/http/response.h"
#include "platform/json/write.h"

#include <string_view>

namespace souk::flash {

template <typename Body>
http::Response answer(const http::Request& request, int status, const Body& body) {
    http::Response response;
    response.status = status;
    response.content_type = http::json_type;
    response.body = json::to_text(body, request.memory());
    return response;
}

// `waiting_room_url` is where a 302 leads; it must outlive the answer.
http::Response render_error(std::string_view waiting_room_url, const core::Error& error,
                            const http::Request& request);

}  // namespace souk::flash
