#include "services/flash/operations.h"

#include "platform/core/pause.h"
#include "services/flash/errors.h"
#include "services/flash/rules.h"

#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr auto in_flight_patience =
    900ms;  // an answer within a second, whatever happens (spec 2.4, 7)
constexpr auto look_again = 1ms;
constexpr int looks_at_doubt = 10;  // one a second

OrderState state_of(Phase phase) {
    return phase == Phase::cancelled ? OrderState::cancelled : OrderState::pending;
}

SoldUnit sold_unit(const Store::Returned& returned) {
    return {returned.product_id, returned.epoch, returned.user_id};
}

}  // namespace

core::Result<> Operations::take_token() {
    if (parts_.limiter.take()) return {};
    parts_.metrics.limited.add();
    return over_limit();
}

core::Result<> Operations::take_client_token(const ClientLimits::AddressBytes& address) {
    if (parts_.client_limits->take(address)) return {};
    parts_.metrics.client_limited.add();
    return client_over_limit();
}

Capacity Operations::capacity() const {
    return {parts_.limiter.limit(), parts_.limiter.remaining(), parts_.limiter.until_next()};
}

core::Task<core::Result<Placed>> Operations::place_order(NewOrder wanted) {
    if (!open_) {
        parts_.metrics.not_handed_over.add();
        co_return not_handed_over();
    }
    const core::Instant until = parts_.clock.instant() + in_flight_patience;
    for (;;) {
        const OrderId id = core::make_uuid_v7(parts_.clock.now(), parts_.random);
        const Verdict verdict =
            co_await parts_.gate.admit({wanted.key, wanted.product_id, id, wanted.user_id});
        switch (verdict.admission) {
            case Admission::admitted:
                co_return co_await hand_over(wanted, verdict, until);
            case Admission::duplicate:
                parts_.metrics.duplicates.add();
                co_return Placed{.id = verdict.order_id, .is_duplicate = true};
            case Admission::sold_out:
                parts_.metrics.sold_out.add();
                co_return sold_out();
            case Admission::user_limited:
                parts_.metrics.user_limited.add();
                co_return limit_reached();
            case Admission::in_flight:
                break;
        }
        const bool is_settled = co_await parts_.hand_over.wait_for(verdict.order_id, until);
        if (!is_settled || parts_.clock.instant() > until) {
            parts_.metrics.not_handed_over.add();
            co_return not_handed_over();
        }
    }
}

core::Task<core::Result<Placed>> Operations::hand_over(NewOrder wanted, Verdict verdict,
                                                       core::Instant until) {
    OrderRecord record{.id = verdict.order_id,
                       .product_id = std::string(wanted.product_id),
                       .user_id = std::string(wanted.user_id),
                       .key = std::string(wanted.key),
                       .epoch = verdict.epoch,
                       .accepted_at_ms = core::to_ms(parts_.clock.now())};
    const bool is_accepted = co_await parts_.hand_over.accept(std::move(record), until);
    if (!is_accepted) co_return not_handed_over();
    co_return Placed{.id = verdict.order_id};
}

core::Task<core::Result<>> Operations::start_sale(std::string product_id, std::int64_t quantity) {
    require_open();
    const std::optional<std::int64_t> known = co_await parts_.gate.stock(product_id);
    if (!known && products_ >= limits_.products_max) co_return too_many_products();

    Epoch epoch = 0;
    try {
        epoch = co_await parts_.store.open_sale(product_id, quantity);
    } catch (const std::exception&) {
        sales_in_doubt_ = looks_at_doubt;
        throw;
    }
    if (parts_.events) parts_.events->sale_started(product_id, quantity);
    parts_.gate.open_sale({std::move(product_id), epoch, quantity, quantity});
    if (!known) ++products_;
    parts_.metrics.sales.add();
    co_return core::Result<>();
}

// A commit without an answer may still be on its way when it is looked for: hence several looks.
core::Task<> Operations::settle_doubts() {
    if (!open_) co_return;
    co_await settle_cancels();
    if (sales_in_doubt_ == 0) co_return;
    // Orders of a sale the gate does not know cannot exist, so its row has the whole quantity.
    const std::vector<Sale> sales = co_await parts_.store.sales();
    for (const Sale& sale : sales) parts_.gate.open_sale(sale);
    products_ = sales.size();
    --sales_in_doubt_;
}

core::Task<core::Result<std::int64_t>> Operations::stock(std::string_view product_id) {
    require_open();
    const std::optional<std::int64_t> stock = co_await parts_.gate.stock(product_id);
    if (!stock) co_return product_not_found();
    co_return *stock;
}

core::Task<core::Result<OrderStatus>> Operations::status(std::string reference) {
    if (const core::Result<> fine = check_order_reference(reference); !fine) co_return fine.error();
    require_open();
    const PendingOrderPtr pending = co_await find_pending(reference);
    if (pending) {
        if (!co_await pending->handed_over.wait(in_flight_patience)) {
            throw core::Unavailable("it is not known yet whether this order is in the log");
        }
        const OrderRecord& order = pending->record;
        const Phase phase = pending->phase;
        if (phase == Phase::lost) co_return order_not_found();
        const bool is_cancelled = phase == Phase::cancelled;
        co_return OrderStatus{
            .id = order.id,
            .product_id = order.product_id,
            .user_id = order.user_id,
            .state = state_of(phase),
            .accepted_at_ms = order.accepted_at_ms,
            .updated_at_ms = is_cancelled ? pending->cancelled_at_ms.load() : order.accepted_at_ms};
    }
    std::optional<OrderStatus> stored = co_await find_stored(std::move(reference));
    if (!stored) co_return order_not_found();
    co_return *stored;
}

// A key stands for its newest order, whichever table that is in.
core::Task<std::optional<OrderStatus>> Operations::find_stored(std::string reference) {
    std::optional<OrderStatus> stored;
    if (const std::optional<OrderId> id = core::parse_uuid(reference))
        stored = co_await parts_.store.find(*id);
    if (stored) co_return stored;
    // While the key lives the gate names its order; later the database searches for it.
    if (const std::optional<OrderId> owner = co_await parts_.gate.owner(reference)) {
        stored = co_await parts_.store.find(*owner);
        if (!stored) stored = co_await parts_.store.find_dead(core::to_string(*owner));
        if (stored) co_return stored;
    }
    stored = co_await parts_.store.find_by_key(reference);
    std::optional<OrderStatus> dead = co_await parts_.store.find_dead(std::move(reference));
    const bool is_dead_newer = dead && (!stored || dead->accepted_at_ms > stored->accepted_at_ms);
    co_return is_dead_newer ? std::move(dead) : std::move(stored);
}

core::Task<core::Result<Cancelled>> Operations::cancel(std::string reference,
                                                       std::optional<std::string> user_id) {
    if (const core::Result<> fine = check_order_reference(reference); !fine) co_return fine.error();
    require_open();
    const PendingOrderPtr pending = co_await find_pending(reference);
    if (pending) {
        if (user_id && *user_id != pending->record.user_id) co_return order_not_found();
        const core::Result<Cancelled> cancelled = co_await parts_.hand_over.cancel(pending);
        const bool was_late = !cancelled && cancelled.error().code == not_cancellable().code;
        if (!was_late) co_return cancelled;
        co_return co_await cancel_confirmed(pending->record.id);
    }
    const core::Result<OrderStatus> stored = co_await status(std::move(reference));
    if (!stored) co_return stored.error();
    if (user_id && *user_id != stored->user_id) co_return order_not_found();
    if (stored->state == OrderState::cancelled) co_return Cancelled::before;
    co_return co_await cancel_confirmed(stored->id);
}

// Row and product change in one transaction; the gate follows. One cancel of an order at a time, so
// that it is known whose unit it is.
core::Task<core::Result<Cancelled>> Operations::cancel_confirmed(OrderId id) {
    if (limits_.cancel_window.count() == 0) co_return not_cancellable();
    const core::Instant until = parts_.clock.instant() + in_flight_patience;
    while (!cancels_.begin(id)) {
        if (parts_.clock.instant() > until) co_return not_handed_over();
        co_await core::pause(look_again);
    }
    bool is_writing = false;
    try {
        const bool was_before = (co_await parts_.store.find_cancelled(id)).has_value();
        is_writing = !was_before;
        std::optional<Store::Returned> returned;
        if (is_writing)
            returned = co_await parts_.store.cancel_confirmed(id, limits_.cancel_window);
        if (returned) parts_.gate.return_unit(sold_unit(*returned));
        cancels_.end(id);
        if (was_before) co_return Cancelled::before;
        if (!returned) co_return not_cancellable();
    } catch (const std::exception&) {
        is_writing ? cancels_.doubt(id) : cancels_.end(id);
        throw;
    }
    parts_.metrics.cancelled.add();
    if (parts_.events) parts_.events->order_changed(id, OrderState::cancelled);
    co_return Cancelled::now;
}

// Whether the commit that had no answer happened: then only the gate has not heard of it.
core::Task<> Operations::settle_cancels() {
    for (const OrderId& id : cancels_.doubts()) {
        const std::optional<Store::Returned> cancelled = co_await parts_.store.find_cancelled(id);
        if (cancelled) parts_.gate.return_unit(sold_unit(*cancelled));
        if (cancelled && parts_.events) parts_.events->order_changed(id, OrderState::cancelled);
        cancels_.end(id);
    }
}

void Operations::require_open() const {
    if (!open_) throw core::Unavailable("flash does not sell: its log says why");
}

core::Task<PendingOrderPtr> Operations::find_pending(std::string_view reference) {
    if (const std::optional<OrderId> id = core::parse_uuid(reference)) {
        if (PendingOrderPtr order = parts_.backlog.find(*id)) co_return order;
    }
    co_return parts_.backlog.find_by_key(reference);
}

}  // namespace souk::flash
