// Accepted orders that are not in the database yet: findable by id and key, queued for the worker
// in the order of the log, bounded.
#pragma once

#include "platform/core/clock.h"
#include "services/flash/pending_order.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

namespace souk::flash {

class Backlog {
public:
    explicit Backlog(std::size_t orders_max) : orders_max_(orders_max) {}

    // False when the backlog is full.
    bool add(const PendingOrderPtr& order);

    // An order found in the log at the start, whatever the bound.
    void restore(const PendingOrderPtr& order);

    // The order did not make it into the log, or is in the database now.
    void remove(const PendingOrder& order);

    PendingOrderPtr find(const OrderId& id) const;
    PendingOrderPtr find_by_key(std::string_view key) const;

    // Durable entries, in the order of the log.
    void enqueue(std::span<const LogEntry> entries);

    // The worker's side, one caller at a time. True when there is something to take.
    core::Task<bool> wait_for_work(std::chrono::milliseconds patience);

    void wake();  // ends a wait for work

    // The oldest entries, each order claimed for the worker; ends before an order whose cancel is
    // being decided.
    std::vector<LogEntry> take(std::size_t entries_max);
    void give_back(std::vector<LogEntry> entries);   // nothing of it was written
    void finish(std::span<const LogEntry> entries);  // all of it is in the database

    std::size_t size() const { return size_; }
    std::size_t queued() const;
    // How long the oldest queued order has been waiting.
    std::chrono::milliseconds age(core::Time now) const;

    // Durable orders accepted before that time which are not in the database: how many, and the
    // oldest of them. What the worker has taken counts until it is finished.
    struct Late {
        std::size_t orders = 0;
        std::vector<PendingOrderPtr> oldest;
    };
    Late late(core::Time accepted_before, std::size_t oldest_max) const;

private:
    struct IdHash {
        std::size_t operator()(const OrderId& id) const;
    };
    struct Shard {
        mutable std::mutex mutex;
        boost::unordered_flat_map<OrderId, PendingOrderPtr, IdHash> by_id;
    };
    struct KeyShard {
        mutable std::mutex mutex;
        boost::unordered_flat_map<std::string_view, PendingOrderPtr>
            by_key;  // views of the orders' keys
    };

    Shard& shard(const OrderId& id) const { return ids_[IdHash()(id) % ids_.size()]; }
    KeyShard& shard(std::string_view key) const;
    void file(const PendingOrderPtr& order);
    void note_taken(std::span<const LogEntry> entries);

    const std::size_t orders_max_;
    std::atomic<std::size_t> size_{0};
    mutable std::array<Shard, 16> ids_;
    mutable std::array<KeyShard, 16> keys_;

    mutable std::mutex queue_mutex_;
    std::deque<LogEntry> queue_;
    // The worker's latest batch, for those who watch; null when all of it is in the database.
    std::shared_ptr<const std::vector<PendingOrderPtr>> taken_;
    std::shared_ptr<core::Event> more_;  // set while the worker waits
};

}  // namespace souk::flash
