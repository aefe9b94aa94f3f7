// An accepted order on its way into the database, and the one state word its cancel and the worker
// race on.
#pragma once

#include "platform/core/event.h"
#include "services/flash/types.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace souk::flash {

enum class Phase : std::uint8_t {
    handing_over,  // its record is on its way to the log
    lost,          // it is certain that the record is not in the log
    pending,       // durable; waits for the worker
    cancelling,    // its cancellation is on its way to the log
    cancelled,
    taken  // the worker writes it; no way back
};

struct PendingOrder {
    explicit PendingOrder(OrderRecord accepted, Phase now = Phase::handing_over)
        : record(std::move(accepted)), phase(now) {}

    bool change(Phase from, Phase to) { return phase.compare_exchange_strong(from, to); }

    const OrderRecord record;
    std::atomic<Phase> phase;
    std::atomic<std::int64_t> cancelled_at_ms{0};
    std::atomic<bool> has_failed{false};  // the product's row had no unit for it
    core::Event handed_over;              // pending, or lost

    // The order that had this key before, while both are in the backlog; the backlog's own.
    std::shared_ptr<PendingOrder> older;
};

using PendingOrderPtr = std::shared_ptr<PendingOrder>;

// One record of the order log.
struct LogEntry {
    enum class Kind : std::uint8_t { order, cancellation, broken };
    Kind kind = Kind::order;
    PendingOrderPtr order;                 // null when broken
    std::int64_t position = 0;             // given by the log
    std::string broken_detail;             // why it cannot be read, and what it says
    std::shared_ptr<core::Event> decided;  // a cancellation's
};

}  // namespace souk::flash
