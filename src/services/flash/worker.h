// Moves accepted orders from the backlog into the database: in batches, the position in the same
// transaction, so that a crash at any instant neither loses nor repeats one (F11).
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "services/flash/backlog.h"
#include "services/flash/events.h"
#include "services/flash/metrics.h"
#include "services/flash/order_log.h"
#include "services/flash/store.h"

#include <atomic>
#include <chrono>
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
        Events* events = nullptr;  // null: nobody is told
    };

    explicit Worker(Parts parts) : parts_(parts) {}

    // Runs until stop(); whatever fails is tried again, and what never can be written is buried.
    core::Task<> run();
    // Any thread. What can be written within `patience` still is; the rest stays in the log.
    void stop(std::chrono::milliseconds patience = std::chrono::seconds(3));

    // Whether the database answered when it was last asked.
    bool database_answers() const { return database_answers_ && writes_; }
    void note_database(bool answers);

private:
    enum class Outcome { done, not_written, unknown, refused };

    static constexpr std::size_t batch_max = 8'000;  // entries per transaction
    static constexpr std::size_t batch_min = 16;

    bool is_over() const;
    bool gives_up() const;
    core::Task<bool> write_batch();
    core::Task<std::optional<db::Transaction>> begin();
    core::Task<Outcome> attempt(db::Transaction transaction, const std::vector<LogEntry>& batch,
                                bool is_repeated);
    core::Task<bool> is_behind(db::Transaction& transaction, std::int64_t position);
    core::Task<bool> insist(std::vector<LogEntry> batch);
    core::Task<bool> insist_on_halves(std::vector<LogEntry> batch);
    core::Task<bool> write_one_by_one(std::vector<LogEntry> batch);
    core::Task<bool> bury(LogEntry entry);
    void finish(const std::vector<LogEntry>& batch);
    void note_failure(const std::exception& failure);

    Parts parts_;
    core::Instant stop_at_;  // written before stopping_, read after
    std::atomic<bool> stopping_{false};
    std::size_t batch_size_ = batch_max;
    std::atomic<bool> database_answers_{true};
    std::atomic<bool> writes_{true};  // the latest try to write a batch worked
};

}  // namespace souk::flash
