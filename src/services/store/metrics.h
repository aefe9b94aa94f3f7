// What store counts about itself.
#pragma once

#include "platform/metrics/registry.h"

namespace souk::store {

struct Metrics {
    explicit Metrics(metrics::Registry& registry);

    metrics::Counter& products;
    metrics::Counter& cart_changes;
    metrics::Counter& reviews;
    metrics::Counter& contacts;
    metrics::Counter& checkouts;
};

}  // namespace souk::store
