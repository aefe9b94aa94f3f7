#include "platform/http/answer.h"

#include "platform/http/refusals.h"
#include "platform/http/upgrade.h"
#include "platform/log/log.h"

#include <exception>

namespace souk::http {
namespace {

void log_failure(const Room& room, const Request& request, std::string_view what) {
    log::error(room.service, what,
               {
                   {"method",     name(request.verb)                                                 },
                   {"route",      request.route == nullptr ? std::string_view() : request.route->path},
                   {"request_id", request.request_id()                                               }
    });
}

core::Error refusal_of(const std::exception& failure, const Room& room, const Request& request) {
    log_failure(room, request, failure.what());
    const bool is_down = dynamic_cast<const core::Unavailable*>(&failure) != nullptr;
    return refusal(is_down ? core::Fault::unavailable : core::Fault::internal);
}

}  // namespace

Response render(const Room& room, const core::Error& error, const Request& request) {
    try {
        if (room.render_error) return room.render_error(error, request);
        log_failure(room, request, "the room has no render_error");
    } catch (const std::exception& bug) {
        log_failure(room, request, bug.what());
    }
    Response bare;
    bare.status = 500;
    return bare;
}

core::Task<std::optional<core::Error>> authenticate(const Room& room, const Route& route,
                                                    Request& request) {
    if (route.auth == Auth::none || !room.authenticate) co_return std::nullopt;
    try {
        const core::Result<> known = co_await room.authenticate(request, route.auth);
        if (known) co_return std::nullopt;
        co_return known.error();
    } catch (const std::exception& failure) {
        co_return refusal_of(failure, room, request);
    }
}

core::Task<Response> answer(const Room& room, const Route& route, Request& request,
                            bool is_authenticated) {
    std::optional<core::Error> refused;
    try {
        if (!is_authenticated && route.auth != Auth::none)
            refused = co_await authenticate(room, route, request);
        if (refused) co_return render(room, *refused, request);
        if (!route.handler) [[unlikely]] {
            core::Result<Response> switched = switch_protocols(room, route, request);
            co_return switched ? std::move(*switched) : render(room, switched.error(), request);
        }
        core::Result<Response> said = co_await route.handler(request);
        if (said) co_return std::move(*said);
        co_return render(room, said.error(), request);
    } catch (const std::exception& failure) {
        refused = refusal_of(failure, room, request);
    }
    co_return render(room, *refused, request);
}

}  // namespace souk::http
