// The gate of one process: keys in shards with a lock each, stock in one word per product.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "services/flash/gate.h"

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
    MemoryGate(std::chrono::seconds key_life, const core::Clock& clock, core::Random& random);

    core::Task<Verdict> admit(Attempt attempt) override;
    void complete(const OrderRecord& order) override;
    void release(const OrderRecord& order) override;
    void return_unit(std::string_view product_id, Epoch epoch) override;
    void open_sale(const Sale& sale) override;
    void restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) override;
    core::Task<std::optional<std::int64_t>> stock(std::string_view product_id) override;
    std::vector<Change> take_changes() override;
    core::Task<std::optional<OrderId>> owner(std::string_view key) override;

    std::size_t keys() const;  // slots in use

private:
    // 128 bits of a keyed hash stand for the key's text: no allocation per order, and two texts of
    // one fingerprint are less likely than a broken disk (docs/decisions/0005-fingerprints.md).
    struct Fingerprint {
        std::uint64_t low = 0;
        std::uint64_t high = 0;
        bool operator==(const Fingerprint&) const = default;
    };
    struct FingerprintHash {
        using is_avalanching = void;
        std::size_t operator()(const Fingerprint& print) const { return print.low; }
    };
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

    // Sale number and stock in one word, so that an order sees a reset wholly or not at all.
    class Counter {
    public:
        explicit Counter(std::string_view product) : product_id(product) {}

        std::optional<Epoch> take();
        void give_back(Epoch epoch);
        void open(Epoch epoch, std::uint32_t stock);
        std::uint32_t stock() const { return static_cast<std::uint32_t>(word_.load()); }
        Change now() const;

        const std::string product_id;
        std::atomic<bool> is_listed{false};  // among the changed ones, linked by:
        Counter* next_changed = nullptr;

    private:
        std::atomic<std::uint64_t> word_{0};
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };

    Fingerprint fingerprint(std::string_view key) const;
    Shard& shard(const Fingerprint& print) { return shards_[print.high % shards_.size()]; }
    Counter* counter(std::string_view product_id);
    void list_change(Counter& counter);
    Verdict decide(const Attempt& attempt);
    void use_key(std::string_view key, OrderId id, std::chrono::nanoseconds life);
    static void forget_expired(Shard& shard, core::Instant now);

    const std::chrono::seconds key_life_;
    const core::Clock& clock_;
    std::array<std::byte, 192> secret_;  // XXH3's
    std::array<Shard, 64> shards_;
    std::shared_mutex counters_mutex_;  // for the map; the counters never move
    boost::unordered_flat_map<std::string, std::unique_ptr<Counter>, TextHash, std::equal_to<>>
        counters_;
    std::atomic<Counter*> changed_{nullptr};  // a list without locks: sellers put, one reader takes
};

}  // namespace souk::flash
