// The gate: decides in one atomic step whether an order is admitted (F8). In memory for one
// process; a Redis script stands behind the same interface when several share a sale.
#pragma once

#include "platform/core/task.h"
#include "services/flash/types.h"

#include <chrono>
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
    sold_out
};

struct Attempt {
    std::string_view key;
    std::string_view product_id;
    OrderId order_id;
};

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

    // It is certain that the record is not in the log: the key is free and the unit back, exactly
    // once. Any thread; never fails.
    virtual void release(const OrderRecord& order) = 0;

    // Gives a cancelled order's unit back; dropped when the product has a newer sale. The key
    // stays.
    virtual void return_unit(std::string_view product_id, Epoch epoch) = 0;

    // The product admits exactly `stock` from now on, unless a newer sale is in force already.
    virtual void open_sale(const Sale& sale) = 0;

    // A key that was used before this process started, with what remains of its life.
    virtual void restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) = 0;

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

    // The order that owns the key now, settled or not.
    virtual core::Task<std::optional<OrderId>> owner(std::string_view key) = 0;
};

}  // namespace souk::flash
