// The API pages' try-it: sends a request to a listener of this very program, because the page
// itself may talk to its own origin only. No other host can be reached this way.
#pragma once

#include "main/operations/service_row.h"
#include "platform/core/result.h"
#include "platform/http/route.h"
#include "platform/net/client.h"

#include <atomic>

namespace souk::operations {

class TryIt {
public:
    TryIt(const Services& services, net::Client& client) : services_(services), client_(client) {}

    // Must be outlived by this object.
    http::Route route();

private:
    core::Task<core::Result<http::Response>> handle(const http::Request& request);
    core::Task<core::Result<http::Response>> send(const http::Request& request, net::Call call);

    const Services& services_;
    net::Client& client_;
    std::atomic<int> under_way_{0};
};

}  // namespace souk::operations
