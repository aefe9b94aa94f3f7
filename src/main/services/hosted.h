// A service as the program runs it: built on what all share, mounted, started, stopped. One more
// service is one more file beside this one and one more line in hosted.cpp.
#pragma once

#include "main/operations/service_row.h"
#include "main/settings.h"
#include "platform/core/clock.h"
#include "platform/core/loop.h"
#include "platform/core/random.h"
#include "platform/http/server.h"
#include "platform/metrics/registry.h"
#include "platform/net/client.h"

#include <memory>
#include <string>
#include <vector>

namespace souk {

// What every service borrows from the program.
struct Common {
    core::Loop& background;  // for work that no request waits for
    const core::Clock& clock;
    core::Random& random;
    metrics::Registry& metrics;
    net::Client& client;
};

class Hosted {
public:
    virtual ~Hosted() = default;

    // Both must be outlived by this object.
    virtual operations::ServiceRow row() = 0;
    virtual std::vector<http::Listener> listeners() = 0;

    virtual void start() = 0;  // its listeners stand

    // After the listeners are gone, within five seconds. False when something still waits for a
    // backend: all that was promised is safe, but the object must not be destroyed any more.
    virtual bool stop() = 0;
};

// Those of the names, in this order. Throws what their constructors throw.
std::vector<std::unique_ptr<Hosted>> host(const std::vector<std::string>& names,
                                          const Config& config, const Common& common);

}  // namespace souk
