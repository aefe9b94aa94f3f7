#include "main/operations/operations.h"

#include "main/operations/answer.h"
#include "main/operations/settings.h"
#include "platform/http/openapi.h"

#include <iterator>
#include <string>
#include <utility>

namespace souk::operations {
namespace {

void append(http::Routes& routes, http::Routes more) {
    std::move(more.begin(), more.end(), std::back_inserter(routes));
}

core::Task<core::Result<>> authenticate(const Access& access, const http::Request& request,
                                        http::Auth auth) {
    co_return access.check(request, auth);
}

}  // namespace

Operations::Operations(Setup setup, Console::Borrowed from, net::Client& client)
    : services_(std::move(setup.services)),
      actions_(std::move(setup.actions)),
      settings_(std::move(setup.settings)),
      access_(std::move(setup.access), from.clock),
      health_{services_, access_, from.metrics, {}},
      sign_in_{access_, from.random},
      try_it_(services_, client),
      console_(setup.about, services_, setup.page, from) {
    const http::Room whole = room();
    health_.own_description = http::openapi({.title = "Souk operations",
                                             .version = setup.about.version,
                                             .summary = "Health, metrics and the console"},
                                            {&whole});
}

http::Room Operations::room() {
    http::Room room;
    room.service = "operations";
    room.error_schema = json::schema<ErrorBody>;
    room.routes = health_routes(health_);
    append(room.routes, console_.routes());
    append(room.routes, sign_in_routes(sign_in_));
    room.routes.push_back(settings_route(settings_));
    room.routes.push_back(try_it_.route());
    append(room.routes, actions_);
    for (const ServiceRow& row : services_) append(room.routes, row.actions);
    room.render_error = render_error;
    room.authenticate = [this](http::Request& request, http::Auth auth) {
        return authenticate(access_, request, auth);
    };
    return room;
}

}  // namespace souk::operations
