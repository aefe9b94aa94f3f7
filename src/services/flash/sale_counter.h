// The units of one product's sale: who takes them, and what became of the requests for them. Any
// thread.
#pragma once

#include "platform/core/clock.h"
#include "services/flash/gate.h"
#include "services/flash/types.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace souk::flash {

class SaleCounter {
public:
    explicit SaleCounter(std::string_view product) : product_id(product) {}

    struct Taken {
        Admission admission;  // admitted, sold_out or user_limited
        Epoch epoch = 0;      // of the sale in force, when admitted
    };
    Taken take(core::Instant at) {
        std::uint64_t word = word_.load(std::memory_order_relaxed);
        while (stock_of(word) > 0) {
            if (!word_.compare_exchange_weak(word, word - 1)) continue;
            changed_at_.store(at, std::memory_order_relaxed);
            return {Admission::admitted, epoch_of(word)};
        }
        return refuse();
    }
    // For a user who may have at most `units_max`. Of this and take() one gate uses only one.
    Taken take_for(const Fingerprint& buyer, std::uint32_t units_max, core::Instant at);
    Taken refuse() {
        sold_out_.fetch_add(1, std::memory_order_relaxed);
        return {Admission::sold_out};
    }

    // Both are ignored when a newer sale is in force.
    struct Unit {
        Epoch epoch;
        std::optional<Fingerprint> buyer;  // when users are limited
    };
    void take_back(const Unit& unit, core::Instant at);  // the order never came about
    void return_cancelled(const Unit& unit, core::Instant at);

    // Ignored unless it is newer than the sale in force.
    void open(const Sale& sale, core::Instant at);
    void restore_buyers(Epoch epoch, Buyers buyers);

    void count_duplicate() { duplicates_.fetch_add(1, std::memory_order_relaxed); }

    struct Now {
        Epoch epoch;
        std::uint32_t stock;
    };
    Now now() const {
        const std::uint64_t word = word_.load();
        return {epoch_of(word), stock_of(word)};
    }
    core::Instant changed_at() const { return changed_at_.load(std::memory_order_relaxed); }
    SaleFigures figures() const;
    std::size_t buyers() const;

    const std::string product_id;

    // The gate's list of the changed ones.
    std::atomic<bool> is_listed{false};
    SaleCounter* next_changed = nullptr;

private:
    static constexpr std::size_t cache_line = 64;

    static constexpr std::uint64_t pack(Epoch epoch, std::uint32_t stock) {
        return (std::uint64_t{epoch} << 32U) | stock;
    }
    static constexpr Epoch epoch_of(std::uint64_t word) { return static_cast<Epoch>(word >> 32U); }
    static constexpr std::uint32_t stock_of(std::uint64_t word) {
        return static_cast<std::uint32_t>(word);
    }
    // All orders of the product wait for the lock: a map that grows under it has to be small.
    using BuyersInParts = std::array<Buyers, 64>;
    static std::size_t part_of(const Fingerprint& buyer) { return buyer.high % 64; }

    bool give_back(const Unit& unit, core::Instant at);

    mutable std::mutex mutex_;  // for all but take(), which never waits
    std::optional<std::int64_t> quantity_;
    std::int64_t first_stock_ = 0;  // in the sale's first moment here
    std::int64_t cancelled_ = 0;    // units that came back since
    // Of the sale in force, each with a unit at least; null before the first.
    std::unique_ptr<BuyersInParts> buyers_;

    // Sale number and stock in one word, so that an order sees a reset wholly or not at all.
    alignas(cache_line) std::atomic<std::uint64_t> word_{0};
    std::atomic<core::Instant> changed_at_{core::Instant{}};

    // Away from the word, which every order reads: while a product is sold out nothing else is
    // written.
    alignas(cache_line) std::atomic<std::int64_t> sold_out_{0};
    std::atomic<std::int64_t> duplicates_{0};
};

}  // namespace souk::flash
