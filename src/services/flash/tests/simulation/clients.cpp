// The clients of a simulation. What fails is tried again or not by later steps; only what was
// answered counts.
#include "services/flash/errors.h"
#include "services/flash/tests/simulation/simulation.h"

#include <algorithm>
#include <array>
#include <utility>

namespace souk::flash::simulation {

std::string Simulation::product() {
    return dice_.below(static_cast<std::uint64_t>(plan_.products)) == 0 ? "phone" : "tablet";
}

// An order's id, often one of the latest, or a key that was used or will be.
std::string Simulation::reference() {
    const std::vector<std::string> ids = ledger_.orders();  // oldest first
    const std::size_t among = dice_.chance(500) ? std::min<std::size_t>(3, ids.size()) : ids.size();
    if (!ids.empty() && dice_.chance(700)) return ids[ids.size() - 1 - dice_.below(among)];
    return "key-" + std::to_string(dice_.between(1, plan_.keys));
}

void Simulation::client_acts() {
    const std::uint64_t what = dice_.below(20);
    if (what < 2)
        return process_->spawn(starts_sale(product(), dice_.between(0, plan_.quantity_max)));
    if (what < 5) return process_->spawn(cancels(reference()));
    if (what < 7) return process_->spawn(asks(reference()));
    const std::string key = dice_.chance(500)
                                ? "key-" + std::to_string(dice_.between(1, plan_.keys))
                                : "new-" + std::to_string(++keys_used_);
    constexpr std::array<const char*, 3> users = {"ann", "bob", "eve"};
    const std::string user = dice_.chance(plan_.refused) ? "refused" : users[dice_.below(3)];
    process_->spawn(places_order(key, product(), user));
}

core::Task<> Simulation::places_order(std::string key, std::string product, std::string user) {
    try {
        const core::Result<Placed> placed = co_await process_->shop.operations.place_order(
            {.product_id = product, .user_id = user, .key = key});
        if (placed) ledger_.order_answered(placed->id, key, placed->is_duplicate);
    } catch (const std::exception& failure) {
        story_.tell(key, std::string("an order gets 500: ") + failure.what());
    }
}

core::Task<> Simulation::starts_sale(std::string product, std::int64_t quantity) {
    ledger_.sale_asked(product, quantity);
    try {
        const core::Result<> started =
            co_await process_->shop.operations.start_sale(product, quantity);
        if (started) ledger_.sale_answered(product, quantity);
    } catch (const std::exception& failure) {
        story_.tell(product, std::string("/init gets 500: ") + failure.what());
    }
}

core::Task<> Simulation::cancels(std::string reference) {
    const Ledger::Asked about = ledger_.asked(reference);
    try {
        const core::Result<Cancelled> cancelled =
            co_await process_->shop.operations.cancel(reference, std::nullopt);
        if (cancelled) ledger_.cancel_answered(about);
        const bool is_unknown = !cancelled && cancelled.error().code == order_not_found().code;
        if (is_unknown) ledger_.not_found_answered(about);
    } catch (const std::exception& failure) {
        story_.tell(reference, std::string("a cancel gets 500: ") + failure.what());
    }
}

core::Task<> Simulation::asks(std::string reference) {
    const Ledger::Asked about = ledger_.asked(reference);
    try {
        const core::Result<OrderStatus> status =
            co_await process_->shop.operations.status(reference);
        if (status) ledger_.status_answered(about, *status);
        const bool is_unknown = !status && status.error().code == order_not_found().code;
        if (is_unknown) ledger_.not_found_answered(about);
    } catch (const std::exception& failure) {
        story_.tell(reference, std::string("/status gets 500: ") + failure.what());
    }
}

}  // namespace souk::flash::simulation
