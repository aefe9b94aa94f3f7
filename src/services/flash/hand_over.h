// Hands admitted orders and cancellations to the log, and acts on what became of them. What follows
// from a durable record (key used, order queued for the worker, unit returned) happens here whether
// or not the client is still there.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/result.h"
#include "platform/core/task.h"
#include "services/flash/backlog.h"
#include "services/flash/events.h"
#include "services/flash/gate.h"
#include "services/flash/metrics.h"
#include "services/flash/order_log.h"

#include <chrono>
#include <span>

namespace souk::flash {

class HandOver final : public LogListener {
public:
    struct Parts {
        Gate& gate;
        OrderLog& log;
        Backlog& backlog;
        Metrics& metrics;
        const core::Clock& clock;
        Events* events = nullptr;  // null: nobody is told
    };

    // `patience`: how long a client waits for its cancellation to be durable.
    HandOver(Parts parts, std::chrono::milliseconds patience)
        : parts_(parts), patience_(patience) {}

    // True once the record is durable. False: it is lost and its unit back, or that is not known
    // yet (then the log decides later, F8).
    core::Task<bool> accept(OrderRecord record, core::Instant until);

    // Waits for another request's order. False when nothing is known by then.
    core::Task<bool> wait_for(OrderId id, core::Instant until);

    // For an order that is not in the database yet.
    core::Task<core::Result<Cancelled>> cancel(PendingOrderPtr order);

    void settled(std::span<const LogEntry> entries, bool durable) override;

private:
    std::chrono::milliseconds time_left(core::Instant until) const;
    void settle_order(PendingOrder& order, bool durable);
    void settle_cancellation(PendingOrder& order, bool durable);

    Parts parts_;
    std::chrono::milliseconds patience_;
};

}  // namespace souk::flash
