// The database of flash: products, orders, the worker's position, dead letters (spec 5.3, F11,
// F12).
#pragma once

#include "platform/db/database.h"
#include "services/flash/pending_order.h"
#include "services/flash/types.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souk::flash {

class Store {
public:
    Store(db::Database& database, const core::Clock& clock) : database_(database), clock_(clock) {}

    core::Task<> ping();

    // Starts the product's next sale; durable when it returns. Gives its number.
    core::Task<Epoch> open_sale(std::string product_id, std::int64_t quantity);
    core::Task<std::vector<Sale>> sales();

    // Makes this log the one that serves the database, unless another is; gives who is. `by_force`
    // takes it from another, whose orders that are not in the database are given up.
    core::Task<std::string> serve(std::string log_identity, bool by_force);
    core::Task<> serve_no_more(std::string log_identity);

    core::Task<std::int64_t> position(std::string log_identity);  // 0 when that log is new
    core::Task<db::Transaction> begin();

    // Writes entries of the log and the position after them: orders that are not there yet are
    // inserted and lower the stock of their sale; an order for which the row has no unit is kept as
    // failed (F11). Gives how many of those there were.
    core::Task<std::size_t> persist(db::Transaction& transaction, std::string log_identity,
                                    std::span<const LogEntry> entries);

    // What cannot be written goes to dead_letters with the reason.
    core::Task<> bury(db::Transaction& transaction, std::string log_identity, LogEntry entry,
                      std::string reason);
    core::Task<std::int64_t> dead_letters();

    // Turns a confirmed order that was accepted within `window` into a cancelled one and gives its
    // unit back to its sale's row. nullopt when there is no such order.
    struct Returned {
        std::string product_id;
        Epoch epoch;
    };
    core::Task<std::optional<Returned>> cancel_confirmed(OrderId id, std::chrono::seconds window);
    core::Task<std::optional<Returned>> find_cancelled(OrderId id);

    core::Task<std::optional<OrderStatus>> find(OrderId id);
    // The newest order with that idempotency key.
    core::Task<std::optional<OrderStatus>> find_by_key(std::string key);

private:
    core::Task<std::size_t> lower_stock(db::Transaction& transaction,
                                        std::vector<const LogEntry*> inserted);
    core::Task<std::size_t> reconcile(db::Transaction& transaction,
                                      std::vector<const LogEntry*> of_one_sale);
    core::Task<> move_position(db::Transaction& transaction, std::string log_identity,
                               std::int64_t position);

    db::Database& database_;
    const core::Clock& clock_;
};

}  // namespace souk::flash
