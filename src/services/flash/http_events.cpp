#include "services/flash/http_events.h"

#include "platform/json/schema.h"
#include "platform/ws/peer.h"
#include "services/flash/wire.h"

#include <utility>

namespace souk::flash {

http::Route events_route(EventsDesks& events) {
    constexpr http::Schema refusal = json::schema<ErrorBody>;
    const auto serve = [&events](std::shared_ptr<ws::Peer> peer, const http::Request& request) {
        return events.serve(std::move(peer), request.query_parameters("productId"));
    };
    return {
        .verb = http::Verb::get,
        .path = "/events",
        .auth = http::Auth::none,
        .websocket = ws::handled_by(serve, {.binary = ws::CloseCode::policy}
           ),
        .summary = "Stock, sales and states of orders as they change (WebSocket)",
        .query = {{"productId", "string", "a product to hear of; repeatable, none means all"}},
        .answers = {{101, "the WebSocket"},
                                            {400, "no WebSocket key", refusal},
                                            {403, "an origin that CORS_ORIGINS does not name", refusal},
                                            {426, "not a WebSocket upgrade of version 13", refusal}}
    };
}

}  // namespace souk::flash
