// Moves accepted orders from the backlog into the database: in batches, the position in the same
// transaction, so that a crash at any instant neither loses nor repeats one (F11).
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "services/flash/backlog.h"
#include "services/flash/metrics.h"
#include "services/flash/order_log.h"
#include "services/flash/store.h"

#include <atomic>
#include <exception>
#include <optional>
#include <vector>

namespace souk::flash {

class Worker {
public:
    struct Parts {
        Backlog& backlog;
        OrderLog& log;
        Store& store;
        Metrics& metrics;
        const core::Clock& clock;
    };

    explicit Worker(Parts parts) : parts_(parts) {}

    // Runs until stop(); whatever fails is tried again, and what never can be written is buried.
    core::Task<> run();
    void stop();  // any thread

    // Whether the database answered when it was last asked.
    bool database_answers() const { return database_answers_; }
    void note_database(bool answers);

private:
    enum class Outcome { done, not_written, unknown, refused };

    bool is_over() const;
    core::Task<bool> write_batch();
    core::Task<std::optional<db::Transaction>> begin();
    core::Task<Outcome> attempt(db::Transaction transaction, const std::vector<LogEntry>& batch);
    core::Task<> insist(std::vector<LogEntry> batch);
    core::Task<> write_one_by_one(std::vector<LogEntry> batch);
    core::Task<> bury(LogEntry entry);
    void finish(const std::vector<LogEntry>& batch, std::size_t failed);
    void note_failure(const std::exception& failure);

    Parts parts_;
    core::Instant stop_at_;  // written before stopping_, read after
    std::atomic<bool> stopping_{false};
    std::atomic<bool> database_answers_{true};
};

}  // namespace souk::flash
