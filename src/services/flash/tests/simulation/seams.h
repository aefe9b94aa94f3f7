// What stands between the parts of a simulated process: it tells the ledger what passes, and is
// where faults are planted.
#pragma once

#include "services/flash/gate_memory.h"
#include "services/flash/order_log_sqlite.h"
#include "services/flash/tests/simulation/ledger.h"
#include "services/flash/tests/simulation/plant.h"

#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash::simulation {

class WatchedGate final : public Gate {
public:
    WatchedGate(MemoryGate& real, Ledger& ledger, Plant plant)
        : real_(real), ledger_(ledger), plant_(plant) {}

    core::Task<Verdict> admit(Attempt attempt) override;
    void complete(const OrderRecord& order) override;
    void release(const OrderRecord& order) override;
    void return_unit(const SoldUnit& unit) override;
    void open_sale(const Sale& sale) override;
    void restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) override;
    core::Task<std::optional<std::int64_t>> stock(std::string_view product_id) override {
        return real_.stock(product_id);
    }
    core::Task<std::optional<OrderId>> owner(std::string_view key) override {
        return real_.owner(key);
    }
    bool limits_users() const override { return real_.limits_users(); }
    Fingerprint buyer(std::string_view user_id) const override { return real_.buyer(user_id); }
    void restore_buyers(std::string_view product_id, Epoch epoch, Buyers buyers) override {
        if (plant_ != Plant::buyers_not_restored)
            real_.restore_buyers(product_id, epoch, std::move(buyers));
    }
    std::vector<Change> take_changes() override { return real_.take_changes(); }
    std::vector<SaleFigures> sales(std::size_t max) const override { return real_.sales(max); }
    std::size_t products() const override { return real_.products(); }

    // Planted: a unit that comes back too early, and then not when its time has come.
    void return_early(const OrderRecord& order);

private:
    Epoch planted(std::string_view product_id, Epoch epoch) const;

    MemoryGate& real_;
    Ledger& ledger_;
    const Plant plant_;
    std::map<std::string, Epoch, std::less<>> open_;
    std::uint64_t admissions_ = 0;
    int returned_early_ = 0;
};

class WatchedLog final : public OrderLog, public LogListener {
public:
    // `on_read` is called when the log has been read at a start.
    WatchedLog(SqliteOrderLog& real, WatchedGate& gate, Ledger& ledger, Plant plant,
               std::function<void()> on_read)
        : real_(real), gate_(gate), ledger_(ledger), plant_(plant), on_read_(std::move(on_read)) {}

    void step();  // one round of the writer, once it is started
    bool is_started() const { return listener_ != nullptr; }

    std::vector<LogEntry> stored() override;
    void start(LogListener& listener) override;
    void append(LogEntry entry) override;
    void consumed(std::int64_t position) override {
        const bool early = plant_ == Plant::consumed_too_early;
        real_.consumed(early ? std::numeric_limits<std::int64_t>::max() : position);
    }
    const std::string& identity() const override { return real_.identity(); }
    bool healthy() const override { return real_.healthy(); }
    void stop() override { real_.stop(); }

    void settled(std::span<const LogEntry> entries, bool durable) override;

private:
    void tell(std::span<const LogEntry> entries, bool durable);

    SqliteOrderLog& real_;
    WatchedGate& gate_;
    Ledger& ledger_;
    const Plant plant_;
    std::function<void()> on_read_;
    LogListener* listener_ = nullptr;
    std::vector<LogEntry> open_;           // planted: not settled yet
    std::set<const void*> settled_early_;  // planted
    std::int64_t early_position_ = 0;
};

}  // namespace souk::flash::simulation
