// The contract on the wire: handlers, the route tables of both listeners, and every status code.
#pragma once

#include "platform/http/room.h"
#include "services/flash/events_desk.h"
#include "services/flash/operations.h"
#include "services/flash/waiting_room.h"

#include <functional>
#include <string>
#include <vector>

namespace souk::flash {

struct Wiring {
    Operations& operations;
    std::function<std::string()>
        component_down;  // names what is unavailable; empty when all is well
    std::function<std::string()> metrics_text;
    std::string admin_token;       // empty: /init is open (F3)
    std::string waiting_room_url;  // of the 302, without a slash at its end
    std::vector<std::string> cors_origins;
    EventsDesks* events = nullptr;  // null: no /events
};

// Port 3000. `wiring` must outlive the room.
http::Room api_room(const Wiring& wiring);

// Port 4000: `/` in any method.
http::Room waiting_room(const WaitingRoom& page, const Wiring& wiring);

}  // namespace souk::flash
