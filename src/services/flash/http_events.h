// The row of GET /events in the API's route table.
#pragma once

#include "platform/http/route.h"
#include "services/flash/events_desk.h"

namespace souk::flash {

// `events` must outlive the listener.
http::Route events_route(EventsDesks& events);

}  // namespace souk::flash
