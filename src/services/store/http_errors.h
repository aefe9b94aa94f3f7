// How the contract says no: envelope, codes and statuses, nowhere else.
#pragma once

#include "platform/core/error.h"
#include "platform/http/response.h"
#include "platform/json/write.h"

#include <memory>
#include <string_view>
#include <utility>

namespace souk::store {

// As the contract writes it: without a character set, which JSON does not have.
inline constexpr std::string_view json_type = "application/json";

template <typename Body>
http::Response answer(const http::Request& request, int status, const Body& body) {
    http::Response response;
    response.status = status;
    response.content_type = json_type;
    response.body = json::to_text(body, request.memory());
    return response;
}

// For bodies without a bound: a text of its own, which goes when it has left.
template <typename Body>
http::Response answer_long(const Body& body) {
    auto text = std::make_shared<json::Output>();
    json::write(body, *text);
    http::Response response;
    response.content_type = json_type;
    response.body = *text;
    response.owner = std::move(text);
    return response;
}

http::Response render_error(const core::Error& error, const http::Request& request);

}  // namespace souk::store
