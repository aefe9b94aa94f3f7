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

    core::Task<bool> has_tables();  // at all: they may be older than this program

    // The order log that serves this database; empty when none does.
    core::Task<std::string> serving();
    core::Task<> serve(std::string log_identity);  // from now on this one, whichever did before
    core::Task<> serve_no_more(std::string log_identity);

    core::Task<std::int64_t> position(std::string log_identity);  // 0 when that log is new
    // The same, once it is known what became of every transaction that moves it: the COMMIT of a
    // program that was killed may still be under way on PostgreSQL.
    core::Task<std::int64_t> settled_position(std::string log_identity);
    core::Task<std::int64_t> settled_position(db::Transaction& transaction,
                                              std::string log_identity);
    // For a log under a new name: what the tables have of it already.
    core::Task<> set_position(std::string log_identity, std::int64_t position);
    core::Task<db::Transaction> begin();

    // Writes entries of the log and the position after them: orders that are not there yet are
    // inserted and lower the stock of their sale; an order for which the row has no unit is kept as
    // failed (F11). Gives how many of those there were.
    core::Task<std::size_t> persist(db::Transaction& transaction, std::string log_identity,
                                    std::span<const LogEntry> entries);

    // What cannot be written goes to dead_letters with the reason; the unit of such an order is
    // taken from its sale, since it was sold.
    core::Task<> bury(db::Transaction& transaction, std::string log_identity, LogEntry entry,
                      bool with_contents);

    // Turns a confirmed order that was accepted within `window` into a cancelled one and gives its
    // unit back to its sale's row. nullopt when there is no such order.
    struct Returned {
        std::string product_id;
        Epoch epoch;
        std::string user_id;
    };
    core::Task<std::optional<Returned>> cancel_confirmed(OrderId id, std::chrono::seconds window);
    core::Task<std::optional<Returned>> find_cancelled(
        OrderId id);  // waits for a cancel that goes on

    // The orders of one table by id, without the cancelled ones, for who bought what.
    enum class OrderTable { orders, archive };
    struct Bought {
        std::string product_id;
        Epoch epoch;
        std::string user_id;
    };
    struct BoughtPage {
        std::vector<Bought> units;
        std::optional<std::string> last;  // after which the next page begins
    };
    core::Task<BoughtPage> bought(OrderTable table, std::string after);
    // The same for accepted orders that could not be written, as far as their records can be read.
    core::Task<std::vector<Bought>> bought_dead();

    core::Task<std::optional<OrderStatus>> find(OrderId id);
    // An accepted order that could not be written: failed, unless it was cancelled before.
    core::Task<std::optional<OrderStatus>> find_dead(std::string reference);
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
