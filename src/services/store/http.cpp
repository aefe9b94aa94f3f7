#include "services/store/http.h"

#include "services/store/http_bind.h"
#include "services/store/http_errors.h"
#include "services/store/http_reading.h"
#include "services/store/http_writing.h"

#include <utility>

namespace souk::store {
namespace {

// As a browser writes it, which is without a slash.
std::vector<std::string> without_slashes(std::vector<std::string> origins) {
    for (std::string& origin : origins)
        while (origin.ends_with('/')) origin.pop_back();
    return origins;
}

}  // namespace

http::Room api_room(const Wiring& wiring) {
    http::Room room;
    room.service = "store";
    room.error_schema = refusal;
    room.routes = reading_routes(wiring);
    for (http::Route& route : writing_routes(wiring)) room.routes.push_back(std::move(route));
    room.render_error = render_error;
    room.authenticate = wiring.authenticate;
    room.cors = {.origins = without_slashes(wiring.origins),
                 .credentials = true,
                 .preflight_seconds = 600,
                 .outspoken_methods = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"};
    room.redirects_slash = true;
    return room;
}

}  // namespace souk::store
