#include "services/flash/hand_over.h"

#include "platform/core/pause.h"
#include "services/flash/errors.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr auto look_again =
    1ms;  // another request is between two steps, or another process decides

}  // namespace

std::chrono::milliseconds HandOver::time_left(core::Instant until) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - parts_.clock.instant());
    return std::max(left, std::chrono::milliseconds(0));
}

core::Task<bool> HandOver::accept(OrderRecord record, core::Instant until) {
    const auto order = std::make_shared<PendingOrder>(std::move(record));
    if (!parts_.backlog.add(order)) {
        parts_.gate.release(order->record);
        parts_.metrics.not_handed_over.add();
        co_return false;
    }
    parts_.log.append({.kind = LogEntry::Kind::order,
                       .order = order,
                       .position = 0,
                       .broken_detail = {},
                       .decided = nullptr});
    const bool is_settled = co_await order->handed_over.wait(time_left(until));
    const bool is_accepted = is_settled && order->phase != Phase::lost;
    if (!is_settled) parts_.metrics.undecided.add();
    if (!is_accepted) parts_.metrics.not_handed_over.add();
    co_return is_accepted;
}

core::Task<bool> HandOver::wait_for(OrderId id, core::Instant until) {
    const PendingOrderPtr order = parts_.backlog.find(id);
    if (order) co_return co_await order->handed_over.wait(time_left(until));
    co_await core::pause(look_again);  // admitted a moment ago, or settled since: the gate knows
    co_return true;
}

core::Task<core::Result<Cancelled>> HandOver::cancel(PendingOrderPtr order) {
    const core::Instant until = parts_.clock.instant() + patience_;
    if (!co_await order->handed_over.wait(patience_)) co_return not_handed_over();
    while (!order->change(Phase::pending, Phase::cancelling)) {
        const Phase phase = order->phase;
        if (phase == Phase::cancelled) co_return Cancelled::before;
        // Who is told that it is confirmed must find its row; the worker may also give it back.
        const bool is_written = phase == Phase::taken && !parts_.backlog.find(order->record.id);
        if (is_written) co_return not_cancellable();
        if (phase == Phase::lost) co_return order_not_found();
        if (parts_.clock.instant() > until) co_return not_handed_over();
        co_await core::pause(look_again);
    }
    order->cancelled_at_ms = core::to_ms(parts_.clock.now());
    const auto decided = std::make_shared<core::Event>();
    parts_.log.append({.kind = LogEntry::Kind::cancellation,
                       .order = order,
                       .position = 0,
                       .broken_detail = {},
                       .decided = decided});
    const bool is_known = co_await decided->wait(patience_);
    if (!is_known || order->phase != Phase::cancelled) co_return not_handed_over();
    parts_.metrics.cancelled.add();
    co_return Cancelled::now;
}

void HandOver::settled(std::span<const LogEntry> entries, bool durable) {
    std::vector<core::Event*> events;
    events.reserve(entries.size());
    for (const LogEntry& entry : entries) {
        if (entry.kind == LogEntry::Kind::order) {
            settle_order(*entry.order, durable);
            events.push_back(&entry.order->handed_over);
        } else {
            settle_cancellation(*entry.order, durable);
            events.push_back(entry.decided.get());
        }
    }
    if (durable && parts_.events) parts_.events->orders_settled(entries);
    if (durable) parts_.backlog.enqueue(entries);
    core::Event::set_all(events);
}

void HandOver::settle_order(PendingOrder& order, bool durable) {
    if (durable) {
        parts_.metrics.accepted.add();
        parts_.gate.complete(order.record);
        order.phase = Phase::pending;
    } else {
        order.phase = Phase::lost;
        parts_.gate.release(order.record);
        parts_.backlog.remove(order);
    }
}

void HandOver::settle_cancellation(PendingOrder& order, bool durable) {
    const OrderRecord& record = order.record;
    if (durable) parts_.gate.return_unit({record.product_id, record.epoch, record.user_id});
    order.phase = durable ? Phase::cancelled : Phase::pending;
}

}  // namespace souk::flash
