// The console: its page, and the figures the page shows, by the request or live.
#pragma once

#include "main/operations/live.h"
#include "main/operations/overview/overview.h"
#include "main/operations/service_row.h"
#include "main/operations/ticker.h"
#include "platform/core/random.h"
#include "platform/http/route.h"

#include <string>
#include <string_view>

namespace souk::operations {

class Console {
public:
    struct Borrowed {
        core::Loop& loop;  // the console's own
        const core::Clock& clock;
        core::Random& random;
        const metrics::Registry& metrics;
    };

    // `services` must outlive this object, which must outlive its routes.
    Console(Overview::About about, const Services& services, std::string_view page, Borrowed from);

    http::Routes routes();

    void start();  // the sampling
    void stop();

private:
    core::Task<core::Result<http::Response>> show_page(const http::Request& request);
    core::Task<core::Result<http::Response>> show_overview();
    static core::Task<core::Result<http::Response>> show_panel(const Panel& panel);
    http::Route panel_route(const ServiceRow& row);
    std::string message(metrics::Ticks ticks) const;

    const Services& services_;
    const std::string_view page_;
    core::Random& random_;
    Overview overview_;
    Live live_;
    Ticker ticker_;
};

}  // namespace souk::operations
