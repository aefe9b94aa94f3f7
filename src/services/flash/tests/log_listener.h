// A listener of the order log that keeps what it was told, and can be made to wait.
#pragma once

#include "platform/testing/on_loop.h"
#include "services/flash/order_log.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace souk::flash {

class KeepingListener final : public LogListener {
public:
    struct Told {
        LogEntry entry;
        bool durable;
    };

    void settled(std::span<const LogEntry> entries, bool durable) override {
        const std::lock_guard turn(turn_);
        const std::lock_guard lock(mutex_);
        groups_.push_back(entries.size());
        for (const LogEntry& entry : entries) told_.push_back({entry, durable});
    }

    std::vector<Told> told() const {
        const std::lock_guard lock(mutex_);
        return told_;
    }
    std::vector<std::size_t> groups() const {
        const std::lock_guard lock(mutex_);
        return groups_;
    }
    std::size_t count() const {
        const std::lock_guard lock(mutex_);
        return told_.size();
    }
    bool hears(std::size_t entries) const {
        return testing::comes_true([&] { return count() >= entries; });
    }

    // While the lock is held the log's writer waits in settled().
    std::unique_lock<std::mutex> block() { return std::unique_lock(turn_); }

    // The fate of each order; an order that was settled twice has the fate "twice".
    std::map<std::string, std::string> fates() const {
        std::map<std::string, std::string> all;
        for (const Told& each : told()) {
            std::string& fate = all[core::to_string(each.entry.order->record.id)];
            fate = !fate.empty() ? "twice" : each.durable ? "durable" : "lost";
        }
        return all;
    }

private:
    std::mutex turn_;
    mutable std::mutex mutex_;
    std::vector<Told> told_;
    std::vector<std::size_t> groups_;
};

}  // namespace souk::flash
