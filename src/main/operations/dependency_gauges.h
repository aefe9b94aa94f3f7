// What each service needs, as a metric: souk_dependency_up.
#pragma once

#include "main/operations/service_row.h"
#include "platform/metrics/registry.h"

#include <vector>

namespace souk::operations {

// Must be outlived by the services.
std::vector<metrics::Gauge> dependency_gauges(const Services& services, metrics::Registry& metrics);

}  // namespace souk::operations
