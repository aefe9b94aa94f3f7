// The verbs of flash: rule, then gate, log and store, then result.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "platform/core/result.h"
#include "platform/core/task.h"
#include "services/flash/backlog.h"
#include "services/flash/cancels.h"
#include "services/flash/client_limits.h"
#include "services/flash/events.h"
#include "services/flash/gate.h"
#include "services/flash/hand_over.h"
#include "services/flash/limiter.h"
#include "services/flash/metrics.h"
#include "services/flash/store.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::flash {

struct Capacity {
    std::int64_t limit = 0;
    std::int64_t remaining = -1;
    std::chrono::milliseconds retry_after{0};
};

class Operations {
public:
    struct Parts {
        Gate& gate;
        OrderLog& log;
        Backlog& backlog;
        HandOver& hand_over;
        Store& store;
        Limiter& limiter;
        Metrics& metrics;
        const core::Clock& clock;
        core::Random& random;
        Events* events = nullptr;               // null: nobody is told
        ClientLimits* client_limits = nullptr;  // null: none
    };

    struct Limits {
        std::size_t products_max;
        std::chrono::seconds cancel_window;  // after acceptance, for confirmed orders
    };

    Operations(Parts parts, Limits limits) : parts_(parts), limits_(limits) {}

    // One request at the limiter; comes before everything else about an order (spec 2.3).
    core::Result<> take_token();
    // Before that one: the client's own limit, where there is one.
    bool limits_clients() const { return parts_.client_limits && parts_.client_limits->is_on(); }
    core::Result<> take_client_token(const ClientLimits::AddressBytes& address);
    Capacity capacity() const;

    core::Task<core::Result<Placed>> place_order(NewOrder wanted);
    core::Task<core::Result<>> start_sale(std::string product_id, std::int64_t quantity);
    core::Task<core::Result<std::int64_t>> stock(std::string_view product_id);

    // By order id or idempotency key.
    core::Task<core::Result<OrderStatus>> status(std::string reference);
    // With a user id it must be the order's.
    core::Task<core::Result<Cancelled>> cancel(std::string reference,
                                               std::optional<std::string> user_id);

    // From here on orders are taken.
    void open_for_orders(std::size_t products) {
        products_ = products;
        open_ = true;
    }
    void close() { open_ = false; }
    void open_again() { open_ = true; }
    bool is_open() const { return open_; }

    // What a commit without an answer left open (a sale that may be in force, a cancelled order
    // whose unit may be back in the row) is looked up until it is known. Throws while the database
    // is down.
    core::Task<> settle_doubts();

private:
    core::Task<core::Result<Placed>> hand_over(NewOrder wanted, Verdict verdict,
                                               core::Instant until);
    core::Task<PendingOrderPtr> find_pending(std::string_view reference);
    core::Task<std::optional<OrderStatus>> find_stored(std::string reference);
    core::Task<core::Result<Cancelled>> cancel_confirmed(OrderId id);
    core::Task<> settle_cancels();
    void require_open() const;

    Parts parts_;
    const Limits limits_;
    std::atomic<std::size_t> products_{0};
    std::atomic<bool> open_{false};
    std::atomic<int> sales_in_doubt_{0};  // looks that are left
    Cancels cancels_;
};

}  // namespace souk::flash
