// The order log in a SQLite file of its own: one thread writes, as many orders per sync as there
// are.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "platform/db/sqlite/connection.h"
#include "services/flash/order_log.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace souk::metrics {
class Registry;
}

namespace souk::flash {

class SqliteOrderLog final : public OrderLog {
public:
    struct Options {
        std::string file;
        std::chrono::seconds key_life;  // records stay at least as long, for restarts
        const char* vfs = nullptr;
        metrics::Registry* metrics = nullptr;  // told how long the disk takes
        // Records that a group takes along when they are due: a page is emptied at once, and not
        // written anew by every group.
        std::size_t removed_at_once = 1'000;
    };

    // Opens or creates the file; throws core::Unavailable when that cannot be.
    SqliteOrderLog(Options options, const core::Clock& clock, core::Random& random);
    ~SqliteOrderLog() override;

    std::vector<LogEntry> stored() override;
    void start(LogListener& listener) override;

    // Instead of start(), for a caller that is the writer itself: entries are taken from here on,
    // and each step() is one round of the writer, which never waits; it gives how many it took.
    void start_without_thread(LogListener& listener);
    std::size_t step();

    void append(LogEntry entry) override;
    void consumed(std::int64_t position) override;
    const std::string& identity() const override { return identity_; }
    bool healthy() const override { return !broken_ && writable_; }
    void stop() override;

private:
    using Group = std::vector<LogEntry>;
    enum class Written { yes, no, unknown };
    struct Steps;

    void open(core::Random& random);
    std::unique_ptr<db::sqlite::Connection> connect() const;
    static void make_durable(db::sqlite::Connection& connection);
    void run();
    bool wait_for_work();
    Group next_group();
    Written write(Group& group);
    void note_write(bool worked, const char* reason);
    void roll_back();
    void open_again();
    void settle_undecided();
    std::optional<bool> read_back(const Group& group);
    void refuse_queued();
    void remove_outlived_of(std::size_t brought);
    void remove_outlived(std::size_t rows_max);
    void tidy_when_idle();
    std::int64_t removable_position();

    const Options options_;
    const core::Clock& clock_;
    const std::unique_ptr<Steps> steps_;  // null: nobody measures
    std::string identity_;
    std::unique_ptr<db::sqlite::Connection> connection_;  // the writer thread's, once started
    LogListener* listener_ = nullptr;

    std::mutex mutex_;  // for what follows
    std::condition_variable changed_;
    Group queue_;
    bool stopping_ = false;

    std::atomic<bool> broken_{false};   // a group is undecided: nothing is taken until it is known
    std::atomic<bool> writable_{true};  // as far as the latest try tells
    std::atomic<std::int64_t> consumed_{0};

    // The writer's own.
    Group undecided_;  // its commit failed; the log itself has to say what became of it
    std::int64_t next_position_ = 1;
    std::int64_t first_position_ = 1;
    std::int64_t outlived_ = 0;
    std::deque<std::pair<std::int64_t, core::Instant>>
        written_at_;  // last position of a group, when
    std::thread thread_;
};

}  // namespace souk::flash
