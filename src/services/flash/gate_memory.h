// The gate of one process: keys in shards with a lock each, stock in one word per product.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "services/flash/gate.h"
#include "services/flash/sale_counter.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

namespace souk::flash {

class MemoryGate final : public Gate {
public:
    // `max_per_user`: units of one sale that one user may have; 0: no limit.
    MemoryGate(std::chrono::seconds key_life, const core::Clock& clock, core::Random& random,
               std::uint32_t max_per_user = 0);

    core::Task<Verdict> admit(Attempt attempt) override;
    void complete(const OrderRecord& order) override;
    void release(const OrderRecord& order) override;
    void return_unit(const SoldUnit& unit) override;
    void open_sale(const Sale& sale) override;
    void restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) override;
    bool limits_users() const override { return max_per_user_ > 0; }
    Fingerprint buyer(std::string_view user_id) const override { return fingerprint(user_id); }
    void restore_buyers(std::string_view product_id, Epoch epoch, Buyers buyers) override;
    core::Task<std::optional<std::int64_t>> stock(std::string_view product_id) override;
    std::vector<Change> take_changes() override;
    std::vector<SaleFigures> sales(std::size_t max) const override;
    std::size_t products() const override;
    core::Task<std::optional<OrderId>> owner(std::string_view key) override;

    std::size_t keys() const;    // slots in use
    std::size_t buyers() const;  // users that are counted, in all sales

private:
    struct Slot {
        OrderId order_id;
        core::Instant expires_at = core::Instant::max();  // while pending it never does
        bool pending() const { return expires_at == core::Instant::max(); }
    };
    struct Shard {
        mutable std::mutex mutex;
        boost::unordered_flat_map<Fingerprint, Slot, FingerprintHash> slots;
        std::deque<std::pair<core::Instant, Fingerprint>> by_expiry;  // used keys, oldest first
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };

    Fingerprint fingerprint(std::string_view text) const;
    std::optional<Fingerprint> limited_buyer(std::string_view user_id) const;
    Shard& shard(const Fingerprint& print) { return shards_[print.high % shards_.size()]; }
    SaleCounter* counter(std::string_view product_id);
    void list_change(SaleCounter& counter);
    Verdict decide(const Attempt& attempt);
    SaleCounter::Taken take(SaleCounter& sale, std::string_view user_id, core::Instant now) const;
    void use_key(std::string_view key, OrderId id, std::chrono::nanoseconds life);
    static void forget_expired(Shard& shard, core::Instant now);

    const std::chrono::seconds key_life_;
    const std::uint32_t max_per_user_;
    const core::Clock& clock_;
    std::array<std::byte, 192> secret_;  // XXH3's
    std::array<Shard, 64> shards_;
    mutable std::shared_mutex counters_mutex_;  // for the map; the counters never move
    boost::unordered_flat_map<std::string, std::unique_ptr<SaleCounter>, TextHash, std::equal_to<>>
        counters_;
    std::atomic<SaleCounter*> changed_{
        nullptr};  // a list without locks: sellers put, one reader takes
};

}  // namespace souk::flash
