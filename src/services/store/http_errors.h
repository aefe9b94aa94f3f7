// How the contract says no: envelope, codes and statuses, nowhere else.
#pragma once

#include "platform/core/error.h"
#include "platform/http/response.h"
#include "platform/json/write.h"

namespace souk::store {

template <typename Body>
http::Response answer(const http::Request& request, int status, const Body& body) {
    http::Response response;
    response.status = status;
    response.content_type = http::json_type;
    response.body = json::to_text(body, request.memory());
    return response;
}

http::Response render_error(const core::Error& error, const http::Request& request);

}  // namespace souk::store
