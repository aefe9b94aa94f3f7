// What can be set about flash (spec section 8).
#pragma once

#include "platform/config/setting.h"

#include <cstdint>
#include <string>
#include <vector>

namespace souk::flash {

struct Config {
    std::uint16_t port = 3000;
    std::uint16_t waiting_room_port = 4000;
    std::int64_t rate_limit_rps = 50;
    std::int64_t per_ip_rps = 0;
    std::uint32_t max_per_user = 0;
    std::size_t max_event_listeners = 10'000;
    int idempotency_ttl_seconds = 60;
    std::size_t max_backlog = 1'000'000;
    std::size_t max_products = 100'000;
    std::string admin_token;
    std::string waiting_room_url = "http://localhost:4000";
    int cancel_window_seconds = 0;
    std::string api_url;
    std::vector<std::string> cors_origins;
    std::vector<std::string> waiting_room_return_origins;
    bool take_over = false;
    int orders_keep_days = 0;
    std::string orders_retired = "archive";  // or "delete"
    std::string database_url;
    std::string data_dir;  // the program's, not a row of its own
};

config::Settings settings(Config& into);

}  // namespace souk::flash
