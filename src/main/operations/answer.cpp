#include "main/operations/answer.h"

#include "platform/http/refusals.h"
#include "platform/http/route.h"

namespace souk::operations {

http::Response json_answer(std::string_view text) {
    http::Response response{.content_type = http::json_type, .body = text};
    return response.with("Cache-Control", "no-store").with("X-Content-Type-Options", "nosniff");
}

http::Response see_other(std::string_view location) {
    http::Response response{.status = 303};
    return response.with("Location", location).with("Cache-Control", "no-store");
}

http::Response render_error(const core::Error& error, const http::Request& request) {
    // Somebody with a browser is led to the form; programs are told.
    const bool is_page = request.route != nullptr && request.route->path == "/";
    if (is_page && error.fault == core::Fault::unauthorized) return see_other("/login");
    return answer(request, http::usual_status(error.fault), ErrorBody{error.message.view()});
}

}  // namespace souk::operations
