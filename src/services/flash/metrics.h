// What flash counts.
#pragma once

#include "platform/metrics/registry.h"

namespace souk::flash {

struct Metrics {
    explicit Metrics(metrics::Registry& registry);

    metrics::Counter& accepted;
    metrics::Counter& duplicates;
    metrics::Counter& sold_out;
    metrics::Counter& limited;
    metrics::Counter& client_limited;
    metrics::Counter& user_limited;
    metrics::Counter& not_handed_over;  // answered 500: not open, unit back, or undecided
    metrics::Counter& undecided;        // of those: not known yet when the client was answered
    metrics::Counter& cancelled;
    metrics::Counter& sales;
    metrics::Counter& persisted;
    metrics::Counter& reconciliations;  // accepted orders the product's row had no unit for
    metrics::Counter& dead_letters;
    metrics::Counter& worker_failures;
};

}  // namespace souk::flash
