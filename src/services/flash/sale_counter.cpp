#include "services/flash/sale_counter.h"

#include <utility>

namespace souk::flash {

// Where users are limited the word changes under the lock only, so that stock and user are looked
// at in one moment.
SaleCounter::Taken SaleCounter::take_for(const Fingerprint& buyer, std::uint32_t units_max,
                                         core::Instant at) {
    const std::lock_guard lock(mutex_);
    if (now().stock == 0) return refuse();
    if (!buyers_) buyers_ = std::make_unique<BuyersInParts>();
    std::uint32_t& units = (*buyers_)[part_of(buyer)][buyer];
    if (units >= units_max) return {Admission::user_limited};
    ++units;
    return take(at);
}

void SaleCounter::take_back(const Unit& unit, core::Instant at) {
    const std::lock_guard lock(mutex_);
    give_back(unit, at);
}

void SaleCounter::return_cancelled(const Unit& unit, core::Instant at) {
    const std::lock_guard lock(mutex_);
    if (give_back(unit, at)) ++cancelled_;
}

bool SaleCounter::give_back(const Unit& unit, core::Instant at) {
    std::uint64_t word = word_.load();
    if (epoch_of(word) != unit.epoch) return false;
    while (!word_.compare_exchange_weak(word, word + 1)) {
    }
    changed_at_.store(at, std::memory_order_relaxed);
    if (!unit.buyer || !buyers_) return true;
    Buyers& part = (*buyers_)[part_of(*unit.buyer)];
    const auto found = part.find(*unit.buyer);
    if (found != part.end() && --found->second == 0) part.erase(found);
    return true;
}

void SaleCounter::open(const Sale& sale, core::Instant at) {
    std::unique_ptr<BuyersInParts> earlier;  // many, perhaps: freed after the lock
    const std::lock_guard lock(mutex_);
    if (now().epoch >= sale.epoch) return;
    const auto stock = static_cast<std::uint32_t>(sale.stock);
    word_.store(pack(sale.epoch, stock));
    changed_at_.store(at, std::memory_order_relaxed);
    quantity_ = sale.quantity;
    first_stock_ = stock;
    cancelled_ = 0;
    earlier = std::move(buyers_);
    sold_out_.store(0, std::memory_order_relaxed);
    duplicates_.store(0, std::memory_order_relaxed);
}

void SaleCounter::restore_buyers(Epoch epoch, Buyers buyers) {
    auto parts = std::make_unique<BuyersInParts>();
    for (const auto& [buyer, units] : buyers) (*parts)[part_of(buyer)].emplace(buyer, units);
    const std::lock_guard lock(mutex_);
    if (now().epoch == epoch) buyers_.swap(parts);
}

// What was accepted is what has left since the beginning: nothing to count while it is sold.
SaleFigures SaleCounter::figures() const {
    const std::lock_guard lock(mutex_);
    const Now here = now();
    const std::int64_t left = here.stock;
    return {.product_id = product_id,
            .epoch = here.epoch,
            .quantity = quantity_,
            .left = left,
            .accepted = first_stock_ + cancelled_ - left,
            .sold_out = sold_out_.load(std::memory_order_relaxed),
            .duplicates = duplicates_.load(std::memory_order_relaxed)};
}

std::size_t SaleCounter::buyers() const {
    const std::lock_guard lock(mutex_);
    std::size_t all = 0;
    if (!buyers_) return all;
    for (const Buyers& part : *buyers_) all += part.size();
    return all;
}

}  // namespace souk::flash
