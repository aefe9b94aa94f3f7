// The gate: decides in one atomic step whether an order is admitted (F8). In memory for one
// process; a Redis script stands behind the same interface when several share a sale.
#pragma once

#include "platform/core/task.h"
#include "services/flash/fingerprint.h"
#include "services/flash/types.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::flash {

enum class Admission {
    admitted,   // a unit is taken, the key is claimed for `Attempt::order_id`
    duplicate,  // the key belongs to a finished order
    in_flight,  // the key belongs to an order whose hand-over is not settled yet
    sold_out,
    user_limited  // units are left, but the user has as many of this sale as one may have
};

struct Attempt {
    std::string_view key;
    std::string_view product_id;
    OrderId order_id;
    std::string_view user_id = {};  // asked for only where users are limited
};

// A unit that an order took, as it comes back.
struct SoldUnit {
    std::string_view product_id;
    Epoch epoch = 0;
    std::string_view user_id = {};
};

// How many units of one sale each of its users has.
using Buyers = boost::unordered_flat_map<Fingerprint, std::uint32_t, FingerprintHash>;

struct Verdict {
    Admission admission;
    Epoch epoch = 0;   // of the sale that admitted it
    OrderId order_id;  // the key's owner, for duplicate and in_flight
};

class Gate {
public:
    virtual ~Gate() = default;

    virtual core::Task<Verdict> admit(Attempt attempt) = 0;

    // The record of an admitted order is durable: its key is used for its life from now on.
    // Any thread; never fails.
    virtual void complete(const OrderRecord& order) = 0;

    // It is certain that the record is not in the log: the key is free, and the unit and the user's
    // place are back, exactly once. Any thread; never fails.
    virtual void release(const OrderRecord& order) = 0;

    // Gives a cancelled order's unit and its user's place back; dropped when the product has a
    // newer sale. The key stays.
    virtual void return_unit(const SoldUnit& unit) = 0;

    // The product admits exactly `stock` from now on, unless a newer sale is in force already.
    virtual void open_sale(const Sale& sale) = 0;

    // A key that was used before this process started, with what remains of its life.
    virtual void restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) = 0;

    // Whether a user may have only so many units of one sale (MAX_PER_USER); if not, the gate does
    // not know who bought what.
    virtual bool limits_users() const = 0;
    virtual Fingerprint buyer(std::string_view user_id) const = 0;
    // Who bought before this process started; dropped when the product has a newer sale.
    virtual void restore_buyers(std::string_view product_id, Epoch epoch, Buyers buyers) = 0;

    // Units left; nullopt when the product was never initialised.
    virtual core::Task<std::optional<std::int64_t>> stock(std::string_view product_id) = 0;

    // The products whose count has changed since the last call, each once, as they are now. One
    // caller at a time.
    struct Change {
        std::string product_id;
        Epoch epoch = 0;
        std::int64_t stock = 0;
    };
    virtual std::vector<Change> take_changes() = 0;

    // For people who watch: at most `max` sales, the one whose count changed last first.
    virtual std::vector<SaleFigures> sales(std::size_t max) const = 0;
    virtual std::size_t products() const = 0;

    // The order that owns the key now, settled or not.
    virtual core::Task<std::optional<OrderId>> owner(std::string_view key) = 0;
};

}  // namespace souk::flash
