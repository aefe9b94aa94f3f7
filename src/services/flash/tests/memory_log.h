// An order log that does as a test tells it: writes, loses, or holds entries until it is asked.
#pragma once

#include "services/flash/order_log.h"

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash {

class MemoryLog final : public OrderLog {
public:
    enum class Mode { writes, loses, holds };

    void set(Mode mode) { mode_ = mode; }

    // Puts something into the log as an earlier process left it.
    void put(LogEntry entry) { stored_.push_back(std::move(entry)); }

    std::vector<LogEntry> stored() override { return stored_; }
    void start(LogListener& listener) override { listener_ = &listener; }
    void append(LogEntry entry) override {
        {
            const std::lock_guard lock(mutex_);
            if (mode_ == Mode::holds) {
                held_.push_back(std::move(entry));
                return;
            }
        }
        settle({std::move(entry)}, mode_ == Mode::writes);
    }

    // What was held becomes durable or lost, all at once as a group of the real log.
    void settle_held(bool durable) {
        std::vector<LogEntry> group;
        {
            const std::lock_guard lock(mutex_);
            group.swap(held_);
        }
        settle(std::move(group), durable);
    }
    std::size_t held() const {
        const std::lock_guard lock(mutex_);
        return held_.size();
    }

    void consumed(std::int64_t position) override { consumed_ = position; }
    std::int64_t consumed_position() const { return consumed_; }
    std::int64_t last_position() const { return position_; }
    const std::string& identity() const override { return identity_; }
    bool healthy() const override { return true; }
    void stop() override {}

private:
    void settle(std::vector<LogEntry> group, bool durable) {
        const std::lock_guard lock(settling_);
        for (LogEntry& entry : group) {
            if (durable) entry.position = ++position_;
        }
        if (durable) stored_.insert(stored_.end(), group.begin(), group.end());
        listener_->settled(group, durable);
    }

    const std::string identity_ = "memory-log";
    std::atomic<Mode> mode_{Mode::writes};
    std::atomic<std::int64_t> consumed_{0};
    std::atomic<std::int64_t> position_{0};
    LogListener* listener_ = nullptr;
    std::mutex settling_;  // one group at a time, as one writer
    std::vector<LogEntry> stored_;
    mutable std::mutex mutex_;
    std::vector<LogEntry> held_;
};

}  // namespace souk::flash
