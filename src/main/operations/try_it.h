// The API pages' try-it: sends a request to a listener of this very program, because the page
// itself may talk to its own origin only. No other host can be reached this way.
#pragma once

#include "main/operations/service_row.h"
#include "platform/core/loop.h"
#include "platform/core/result.h"
#include "platform/http/route.h"

#include <atomic>
#include <memory>

namespace souk::operations {

class TryIt {
public:
    explicit TryIt(const Services& services) : services_(services) {}

    // Must be outlived by this object.
    http::Route route();

private:
    struct Errand;

    core::Task<core::Result<http::Response>> handle(const http::Request& request);
    core::Task<core::Result<http::Response>> run(const http::Request& request,
                                                 std::shared_ptr<Errand> errand);

    const Services& services_;
    std::atomic<int> under_way_{0};
    core::Loop thread_{"try-it"};  // libcurl blocks, so no event loop of the server may wait for it
};

}  // namespace souk::operations
