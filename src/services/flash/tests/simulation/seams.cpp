#include "services/flash/tests/simulation/seams.h"

namespace souk::flash::simulation {

core::Task<Verdict> WatchedGate::admit(Attempt attempt) {
    const std::string key(attempt.key);
    const std::string other = key + "/" + std::to_string(++admissions_);
    Attempt asked = attempt;
    if (plant_ == Plant::duplicate_check_dropped) asked.key = other;
    const Verdict verdict = co_await real_.admit(asked);
    ledger_.admission(attempt, verdict);
    co_return verdict;
}

void WatchedGate::complete(const OrderRecord& order) {
    ledger_.completed(order);
    real_.complete(order);
}

void WatchedGate::release(const OrderRecord& order) {
    ledger_.released(order);
    real_.release(order);
    if (plant_ == Plant::unit_returned_twice)
        real_.return_unit({order.product_id, order.epoch, order.user_id});
}

void WatchedGate::return_unit(const SoldUnit& unit) {
    if (returned_early_ > 0) {
        --returned_early_;
        return;
    }
    ledger_.unit_returned(std::string(unit.product_id), unit.epoch);
    real_.return_unit({unit.product_id, planted(unit.product_id, unit.epoch), unit.user_id});
}

void WatchedGate::return_early(const OrderRecord& order) {
    ++returned_early_;
    real_.return_unit({order.product_id, order.epoch, order.user_id});
}

Epoch WatchedGate::planted(std::string_view product_id, Epoch epoch) const {
    const auto open = open_.find(product_id);
    const bool compares = plant_ != Plant::old_sale_returns_its_unit || open == open_.end();
    return compares ? epoch : open->second;
}

void WatchedGate::open_sale(const Sale& sale) {
    ledger_.sale_opened(sale);
    Epoch& open = open_[sale.product_id];
    open = std::max(open, sale.epoch);
    real_.open_sale(sale);
}

void WatchedGate::restore(const OrderRecord& order, std::chrono::milliseconds remaining_life) {
    if (plant_ != Plant::key_not_restored) real_.restore(order, remaining_life);
}

std::vector<LogEntry> WatchedLog::stored() {
    std::vector<LogEntry> entries = real_.stored();
    ledger_.log_read(entries);
    on_read_();
    if (plant_ == Plant::cancellations_forgotten)
        std::erase_if(entries, [](const LogEntry& entry) {
            return entry.kind == LogEntry::Kind::cancellation;
        });
    return entries;
}

void WatchedLog::start(LogListener& listener) {
    listener_ = &listener;
    real_.start_without_thread(*this);
}

void WatchedLog::append(LogEntry entry) {
    ledger_.appended(entry);
    const bool is_order = entry.kind == LogEntry::Kind::order;
    if (plant_ == Plant::unit_returned_too_early && !is_order)
        gate_.return_early(entry.order->record);
    if (plant_ == Plant::answered_before_durable && is_order) {
        settled_early_.insert(entry.order.get());
        LogEntry early = entry;
        early.position = ++early_position_;
        tell({&early, 1}, true);
    }
    if (plant_ == Plant::undecided_taken_for_lost) open_.push_back(entry);
    real_.append(std::move(entry));
}

void WatchedLog::step() {
    if (!is_started()) return;
    const bool was_healthy = real_.healthy();
    real_.step();
    if (plant_ != Plant::undecided_taken_for_lost || real_.healthy() || !was_healthy) return;
    const std::vector<LogEntry> undecided = std::exchange(open_, {});
    for (const LogEntry& entry : undecided) settled_early_.insert(entry.order.get());
    tell(undecided, false);
}

void WatchedLog::settled(std::span<const LogEntry> entries, bool durable) {
    std::vector<LogEntry> left;
    for (const LogEntry& entry : entries) {
        std::erase_if(open_, [&](const LogEntry& open) { return open.order == entry.order; });
        const bool was_told =
            entry.kind == LogEntry::Kind::order && settled_early_.erase(entry.order.get()) > 0;
        if (!was_told) left.push_back(entry);
    }
    if (!left.empty()) tell(left, durable);
}

void WatchedLog::tell(std::span<const LogEntry> entries, bool durable) {
    ledger_.settled(entries, durable);
    listener_->settled(entries, durable);
}

}  // namespace souk::flash::simulation
