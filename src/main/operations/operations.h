// The operations listener: health and metrics for programs, the console for people, and the access
// to both.
#pragma once

#include "main/operations/access/access.h"
#include "main/operations/access/sign_in.h"
#include "main/operations/console.h"
#include "main/operations/health.h"
#include "main/operations/service_row.h"
#include "main/operations/try_it.h"
#include "platform/config/load.h"
#include "platform/http/room.h"
#include "platform/http/server.h"

#include <string_view>
#include <vector>

namespace souk::operations {

// Small, and its own: health, metrics and the console are there when the services are crowded.
inline constexpr http::Capacity capacity{.connections_max = 256, .in_flight_max = 64};

class Operations {
public:
    struct Setup {
        Overview::About about;
        Access::Settings access;
        Services services;
        http::Routes actions;  // what people may make the program do
        std::vector<config::Effective> settings;
        std::string_view page;  // of the console
    };

    Operations(Setup setup, Console::Borrowed from, net::Client& client);

    http::Room room();  // must be outlived by this object

    // Between these two the figures move; after the second nothing is read any more.
    void start() { console_.start(); }
    void stop() { console_.stop(); }

private:
    const Services services_;
    const http::Routes actions_;
    const std::vector<config::Effective> settings_;
    Access access_;
    Health health_;
    SignInPage sign_in_;
    TryIt try_it_;
    Console console_;
};

}  // namespace souk::operations
