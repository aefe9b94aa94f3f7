// What was promised, and by whom: the simulation's own record, kept from what passes between the
// parts and compared with what they do. The first broken promise stays.
#pragma once

#include "platform/db/sqlite/connection.h"
#include "platform/testing/fixed_clock.h"
#include "services/flash/backlog.h"
#include "services/flash/gate.h"
#include "services/flash/tests/simulation/story.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash::simulation {

class Ledger {
public:
    struct Rules {
        std::chrono::seconds key_life{60};
        std::chrono::hours keep{0};  // of stored orders; 0: for ever
        bool archive = true;         // and afterwards in orders_archive
        std::uint32_t max_per_user = 0;
    };

    Ledger(const testing::FixedClock& clock, Rules rules, Story& story)
        : clock_(clock), rules_(rules), story_(story) {}

    // What a client asks about, and what had been promised of it by then.
    struct Asked {
        std::string id;  // "" when no single order is meant
        bool is_accepted = false;
        bool is_confirmed = false;
        bool is_cancelled = false;
    };
    Asked asked(const std::string& reference);

    // What the clients do and hear.
    void sale_asked(const std::string& product, std::int64_t quantity);
    void sale_answered(const std::string& product, std::int64_t quantity);
    void order_answered(const OrderId& id, const std::string& key, bool is_duplicate);
    void cancel_answered(const Asked& about);
    void status_answered(const Asked& about, const OrderStatus& status);
    void not_found_answered(const Asked& about);

    // What the gate is asked and says.
    void admission(const Attempt& attempt, const Verdict& verdict);
    void completed(const OrderRecord& order);
    void released(const OrderRecord& order);
    void unit_returned(const std::string& product, Epoch epoch);
    void sale_opened(const Sale& sale);

    // What the log is given and says.
    void appended(const LogEntry& entry);
    void settled(std::span<const LogEntry> entries, bool durable);
    void log_read(const std::vector<LogEntry>& entries);  // at a start

    // What the database shows, after every commit and whenever it is opened: all of it is durable.
    void look(db::sqlite::Connection& connection);

    // After every step: what the gate has left, and whether nothing has dropped out of the backlog.
    void stock_seen(const std::string& product, std::int64_t stock);
    void backlog_seen(const Backlog& backlog);

    void recovered();  // log and database were read: whatever was promised is in one of them
    void clock_set_forward();
    void process_died() { is_deaf_ = true; }  // what goes on in this step does not count any more
    void process_ended();
    void at_rest(std::size_t backlog);  // all is well and done, and the database was looked at

    void fail(std::string what, std::vector<std::string> concerned);
    const std::optional<std::string>& broken() const { return broken_; }
    const std::vector<std::string>& concerned() const { return concerned_; }
    std::vector<std::string> orders() const;  // their ids
    std::int64_t admitted() const { return static_cast<std::int64_t>(orders_.size()); }

private:
    enum class Where { nowhere, on_its_way, durable, lost };
    struct Order {
        std::string name;  // "#7"
        OrderId id;
        std::string key;
        std::string product;
        std::string user;
        Epoch epoch = 0;
        std::int64_t accepted_at_ms = 0;
        core::Instant appended_at;
        Where log = Where::nowhere;
        std::int64_t position = 0;
        bool in_log = false;  // as read at this start
        bool is_released = false;
        bool is_promised = false;  // these three: to a client
        bool confirm_promised = false;
        bool cancel_promised = false;
        bool cancelled_in_log = false;
        bool cancel_read = false;        // at this start
        std::optional<std::string> row;  // state in the database; "dead" in dead_letters
        bool is_retired = false;         // deleted when it was old enough

        bool is_cancelled() const { return cancelled_in_log || row == "cancelled"; }
        bool holds_a_unit() const { return !is_released && log != Where::lost && !is_cancelled(); }
    };
    using SaleName = std::pair<std::string, Epoch>;
    // A clock that is set makes a key live longer or shorter after a restart, but never shorter
    // than when it is set back.
    struct Key {
        std::string order_id;
        core::Instant must_live_until;
        core::Instant may_live_until;
    };
    struct Process {  // what one life of the program did
        std::map<std::string, Epoch> open;
        std::map<SaleName, std::int64_t> returned;
        std::map<SaleName, std::int64_t> to_return;  // cancels that gave the gate a unit, or will
        std::map<std::string, Key> keys;
        bool is_recovered = false;
    };

    Order* find(const OrderId& id);
    Order* find(const std::string& reference);
    std::int64_t held(const SaleName& sale, std::string_view user = {}) const;  // "": everybody
    std::int64_t retired(const SaleName& sale, std::string_view user) const;
    std::int64_t untold(const SaleName& sale);  // units that came back, but not to the gate yet
    std::optional<std::int64_t> expected_stock(const std::string& product);
    const Key* living_key(const std::string& key) const;  // nullptr when it may be used again
    void check_admitted(const Attempt& attempt, const Verdict& verdict);
    void check_sold_out(const Attempt& attempt);
    void check_user_limited(const Attempt& attempt);
    void check_owner(const std::string& key, const Verdict& verdict);
    void restore_key(const Order& order, std::int64_t accepted_at_ms);
    void settle_cancellation(Order& order, bool durable);
    void look_at_products(db::sqlite::Connection& connection);
    void look_at_orders(db::sqlite::Connection& connection);
    void look_at_row(Order& order, const std::string& state);
    void look_for_missing(Order& order);
    void look_at_position(db::sqlite::Connection& connection);
    void check_rows();

    const testing::FixedClock& clock_;
    const Rules rules_;
    Story& story_;
    std::map<std::string, Order> orders_;  // by id
    std::map<SaleName, std::int64_t> quantities_;
    std::map<std::string, std::multiset<std::int64_t>> asked_;
    std::map<std::string, Epoch> promised_sale_;
    std::map<std::string, Sale> rows_;  // products as last seen
    std::int64_t latest_wall_ms_ = 0;   // retention may have gone by it
    Process process_;
    bool clock_was_set_forward_ = false;
    bool is_deaf_ = false;
    std::optional<std::string> broken_;
    std::vector<std::string> concerned_;
};

}  // namespace souk::flash::simulation
