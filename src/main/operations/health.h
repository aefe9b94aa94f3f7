// For other programs: alive, ready, metrics, API descriptions.
#pragma once

#include "main/operations/access/access.h"
#include "main/operations/service_row.h"
#include "platform/http/route.h"
#include "platform/metrics/registry.h"

#include <string>

namespace souk::operations {

struct Health {
    const Services& services;
    const Access& access;
    const metrics::Registry& metrics;
    std::string own_description;  // OpenAPI of the operations listener itself
};

// `health` must outlive the routes.
http::Routes health_routes(const Health& health);

}  // namespace souk::operations
