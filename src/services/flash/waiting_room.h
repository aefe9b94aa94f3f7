// The waiting room page (F13): fills the template of web/waiting-room. It decides nothing about who
// is next; whoever reaches the gate first wins.
#pragma once

#include "platform/core/random.h"
#include "platform/core/result.h"
#include "platform/core/task.h"
#include "platform/http/request.h"
#include "platform/http/response.h"
#include "services/flash/operations.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace souk::flash {

// The API address the page's script asks: `configured`, else the host the page was asked under with
// the API's port; empty when that host is none.
std::string api_address(std::string_view configured, std::string_view host, std::uint16_t api_port);

// Whether a visitor may be sent to this address: its origin stands in the list.
bool is_allowed_return(std::string_view address, const std::vector<std::string>& origins);

class WaitingRoom {
public:
    struct Parts {
        Operations& operations;
        core::Random& random;
        std::string_view page;
    };
    struct Settings {
        std::string api_url;
        std::uint16_t api_port = 3000;
        std::vector<std::string> return_origins;
    };

    WaitingRoom(Parts parts, Settings settings);

    core::Task<core::Result<http::Response>> show(const http::Request& request) const;

private:
    core::Task<bool> is_sold_out(std::string_view product_id) const;

    Parts parts_;
    Settings settings_;
};

}  // namespace souk::flash
