// What /events tells (spec 7.5): a board of the latest stock of every product and a bounded list of
// what has happened. Nobody is waited for: whoever sells leaves a note, the board is brought up to
// date ten times a second, and each listener takes from it what it has not seen, as fast as it can.
// So a slow listener skips values in between and costs no memory.
#pragma once

#include "services/flash/gate.h"
#include "services/flash/pending_order.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souk::flash {

inline constexpr std::chrono::milliseconds events_interval{100};

// How a change of an order's state reaches those who watch it.
struct OrderNote {
    OrderId id;
    OrderState state;
};
using OrderNotes = std::shared_ptr<const std::vector<OrderNote>>;

// Told on the background loop after every update; passes it on to its own loop.
class EventsListener {
public:
    virtual ~EventsListener() = default;
    virtual void updated(const OrderNotes& orders) = 0;
};

class Events {
public:
    explicit Events(Gate& gate) : gate_(gate) {}

    // Notes of those who sell. Any thread, cheap.
    void sale_started(std::string_view product_id, std::int64_t quantity);
    void order_changed(const OrderId& id, OrderState state);
    void orders_written(std::span<const LogEntry> entries);  // by the worker
    void orders_settled(std::span<const LogEntry> entries);  // durable in the log

    // Brings the board up to date; one caller, once the sales are known.
    void update();

    // The listeners' side, any thread.
    void join(const std::shared_ptr<EventsListener>& listener);
    void watch(const OrderId& id);
    void unwatch(const OrderId& id);

    struct Product {
        std::string id;
        Epoch epoch = 0;
        std::int64_t stock = 0;
        std::uint64_t changed_at = 0;  // change number
    };
    struct Happening {
        enum class Kind { init, sold_out };
        Kind kind;
        std::shared_ptr<const std::string> product_id;
        std::int64_t quantity = 0;
    };

    // The product that changed first after `change`; nullopt when none has.
    std::optional<Product> next_change(std::uint64_t change) const;
    // A product that changed after `change`.
    std::optional<Product> changed_since(const std::string& product_id, std::uint64_t change) const;

    // Happenings are numbered from 1; `missed` when the one asked for was dropped already.
    struct Found {
        std::optional<Happening> happening;
        bool missed = false;
    };
    Found happening(std::uint64_t number) const;
    // Where a new listener begins: what was noted before it came is no news to it.
    std::uint64_t first_news() const;
    std::uint64_t last_change() const { return last_change_; }
    std::uint64_t last_happening() const { return last_happening_; }

private:
    void note_stock(const Gate::Change& change);
    void add(Happening happening);
    bool is_watched(const OrderId& id) const;

    Gate& gate_;

    mutable std::mutex mutex_;  // for the board and the notes
    boost::unordered_flat_map<std::string_view, std::unique_ptr<Product>> products_;
    std::map<std::uint64_t, const Product*> by_change_;
    std::deque<Happening> happenings_;  // the last of them
    std::vector<Happening> started_;    // since the last update
    std::vector<OrderNote> orders_;     // since the last update, of watched orders only
    std::vector<std::weak_ptr<EventsListener>> listeners_;
    std::atomic<std::uint64_t> last_change_{0};
    std::atomic<std::uint64_t> last_happening_{0};
    bool has_baseline_ = false;

    struct IdHash {
        std::size_t operator()(const OrderId& id) const;
    };
    std::atomic<std::size_t> watched_count_{0};
    boost::unordered_flat_map<OrderId, std::size_t, IdHash> watched_;
};

}  // namespace souk::flash
