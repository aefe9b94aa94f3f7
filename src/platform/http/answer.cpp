#include "platform/http/answer.h"

#include "platform/http/refusals.h"
#include "platform/http/upgrade.h"
#include "platform/log/log.h"

#include <exception>
#include <optional>

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

core::Task<Response> answer(const Room& room, const Route& route, Request& request) {
    std::optional<core::Error> failure;
    try {
        if (route.auth != Auth::none && room.authenticate) {
            const core::Result<> known = co_await room.authenticate(request, route.auth);
            if (!known) co_return render(room, known.error(), request);
        }
        if (!route.handler) [[unlikely]] {
            core::Result<Response> switched = switch_protocols(room, route, request);
            co_return switched ? std::move(*switched) : render(room, switched.error(), request);
        }
        core::Result<Response> said = co_await route.handler(request);
        if (said) co_return std::move(*said);
        co_return render(room, said.error(), request);
    } catch (const core::Unavailable& down) {
        log_failure(room, request, down.what());
        failure = refusal(core::Fault::unavailable);
    } catch (const std::exception& bug) {
        log_failure(room, request, bug.what());
        failure = refusal(core::Fault::internal);
    }
    co_return render(room, *failure, request);
}

}  // namespace souk::http
