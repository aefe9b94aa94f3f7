// How the operations listener answers: JSON that no cache keeps, and refusals in words for people.
#pragma once

#include "platform/core/error.h"
#include "platform/http/request.h"
#include "platform/http/response.h"
#include "platform/json/schema.h"
#include "platform/json/write.h"

#include <string_view>

namespace souk::operations {

struct ErrorBody {
    std::string_view error;
};

http::Response json_answer(std::string_view text);

template <typename Body>
http::Response answer(const http::Request& request, int status, const Body& body) {
    http::Response response = json_answer(json::to_text(body, request.memory()));
    response.status = status;
    return response;
}

http::Response see_other(std::string_view location);

// The refusals of every route here; `request.route` may be null.
http::Response render_error(const core::Error& error, const http::Request& request);

inline core::Error invalid(core::Text message) {
    return {core::Fault::invalid, "invalid", std::move(message)};
}

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::ErrorBody> =
    object("Error", field("error", &operations::ErrorBody::error, "what is wrong, for people"));

}  // namespace souk::json
