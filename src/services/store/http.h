// The contract on the wire: handlers and the route table.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "platform/http/room.h"
#include "services/store/operations.h"
#include "services/store/wire_answers.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace souk::store {

struct Wiring {
    Operations& operations;
    const core::Clock& clock;
    core::Random& random;
    std::function<core::Task<core::Result<>>(http::Request&, http::Auth)> authenticate;
    std::function<std::int64_t()> uptime_seconds;
    std::function<HealthBody()> health;
    std::string image_kit_private_key;  // empty: uploads are not configured
    std::vector<std::string> origins;   // whose pages may call
    bool has_checkout = false;
};

// `wiring` must outlive the room.
http::Room api_room(const Wiring& wiring);

}  // namespace souk::store
