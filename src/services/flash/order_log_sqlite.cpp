#include "services/flash/order_log_sqlite.h"

#include "platform/core/error.h"
#include "platform/db/step.h"
#include "platform/log/log.h"
#include "services/flash/order_log_rows.h"

#include <algorithm>
#include <array>
#include <pthread.h>
#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr const char* create_tables = R"(
    CREATE TABLE IF NOT EXISTS log (
        position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, order_id TEXT NOT NULL,
        product_id TEXT NOT NULL, user_id TEXT NOT NULL, idempotency_key TEXT NOT NULL,
        epoch INTEGER NOT NULL, accepted_at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL);)";

constexpr std::string_view select_all = R"(
    SELECT position, kind, order_id, product_id, user_id, idempotency_key, epoch, accepted_at
    FROM log ORDER BY position)";
constexpr std::string_view select_bounds = "SELECT min(position), max(position) FROM log";
constexpr const char* touch = "UPDATE identity SET id = id";
constexpr std::string_view delete_until =
    "DELETE FROM log WHERE position <= $1 AND position < (SELECT max(position) FROM log)";
constexpr std::string_view select_identity = "SELECT id FROM identity";
constexpr std::string_view insert_identity = "INSERT INTO identity (id) VALUES ($1)";

constexpr std::size_t group_max = 4096;       // entries per sync
constexpr std::size_t tidy_rows_idle = 5000;  // removed per second when nothing else is to do
constexpr int checkpoint_pages = 1000;        // orders wait for it: 4 MB take some 5 ms, 16 MB 20
// A group of this size says that there is a rush. Then groups do not begin sooner than this after
// each other: on a fast disk every few orders would be a sync and the same pages once more, until
// the disk has had enough.
constexpr std::size_t rush_min = 4;
constexpr auto rush_period = 1ms;
constexpr auto idle_pause = 1s;
constexpr auto read_back_pause = 200ms;

}  // namespace

// Where a group's time goes, and so an order's: all that wait in it wait for each of these.
struct SqliteOrderLog::Steps {
    explicit Steps(metrics::Registry& metrics)
        : insert(metrics, {"souk_flash_log_insert_seconds",
                           "Writing a group's records before its commit",
                           {},
                           "flash",
                           "writing records of the order log took {}"}),
          commit(metrics, {"souk_flash_log_commit_seconds",
                           "From COMMIT of a group of the order log to its sync",
                           {},
                           "flash",
                           "the disk took {} to sync the order log"}),
          checkpoint(metrics, {"souk_flash_log_checkpoint_seconds",
                               "Copying the order log's write-ahead log into its file",
                               {},
                               "flash",
                               "a checkpoint of the order log took {}"}) {}
    db::Step insert;
    db::Step commit;
    db::Step checkpoint;
};

SqliteOrderLog::SqliteOrderLog(Options options, const core::Clock& clock, core::Random& random)
    : options_(std::move(options)),
      clock_(clock),
      steps_(options_.metrics == nullptr ? nullptr : std::make_unique<Steps>(*options_.metrics)) {
    open(random);
}

SqliteOrderLog::~SqliteOrderLog() { stop(); }

std::unique_ptr<db::sqlite::Connection> SqliteOrderLog::connect() const {
    db::sqlite::Connection::Options options{.checkpoint_pages = checkpoint_pages,
                                            .vfs = options_.vfs};
    options.commits = steps_ ? &steps_->commit : nullptr;
    options.checkpoints = steps_ ? &steps_->checkpoint : nullptr;
    return std::make_unique<db::sqlite::Connection>(options_.file, db::sqlite::Mode::read_write,
                                                    options);
}

void SqliteOrderLog::make_durable(db::sqlite::Connection& connection) {
    if (!connection.make_durable())
        throw core::Unavailable(connection.path() + ": another program is reading it; stop that");
}

void SqliteOrderLog::open(core::Random& random) {
    connection_ = connect();
    connection_->execute(create_tables);
    const db::Rows known = connection_->run(select_identity, {});
    if (known.empty()) {
        identity_ = core::random_hex(random, 16);
        connection_->run(insert_identity, db::values(identity_));
    } else {
        identity_ = db::text(known[0][0]);
    }
    make_durable(*connection_);  // a duplicate of a stored order is told that it was accepted
    const db::Rows bounds = connection_->run(select_bounds, {});
    if (db::is_null(bounds[0][0])) return;
    first_position_ = db::integer(bounds[0][0]);
    next_position_ = db::integer(bounds[0][1]) + 1;
    written_at_.emplace_back(next_position_ - 1, clock_.instant());
}

std::vector<LogEntry> SqliteOrderLog::stored() {
    std::vector<LogEntry> entries;
    db::sqlite::Statement& rows = connection_->prepare(select_all);
    while (rows.step()) entries.push_back(read_row(rows));
    return entries;
}

void SqliteOrderLog::start_without_thread(LogListener& listener) { listener_ = &listener; }

void SqliteOrderLog::start(LogListener& listener) {
    const std::lock_guard lock(mutex_);
    start_without_thread(listener);
    if (stopping_) return;
    thread_ = std::thread([this] {
        ::pthread_setname_np(::pthread_self(), "flash-log");
        run();
    });
}

void SqliteOrderLog::append(LogEntry entry) {
    {
        const std::lock_guard lock(mutex_);
        if (!broken_ && !stopping_) {
            queue_.push_back(std::move(entry));
            if (queue_.size() == 1) changed_.notify_one();
            return;
        }
    }
    listener_->settled({&entry, 1}, false);
}

void SqliteOrderLog::consumed(std::int64_t position) { consumed_ = position; }

void SqliteOrderLog::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void SqliteOrderLog::run() {
    while (wait_for_work()) {
        const auto began = std::chrono::steady_clock::now();
        if (step() >= rush_min) std::this_thread::sleep_until(began + rush_period);
    }
}

// True when there is something to do, or nothing for a while. False when stop() was called and all
// is settled that can be; what is undecided then is decided by the next start.
bool SqliteOrderLog::wait_for_work() {
    std::unique_lock lock(mutex_);
    if (!undecided_.empty()) {
        changed_.wait_for(lock, read_back_pause, [this] { return stopping_; });
        return !stopping_;
    }
    changed_.wait_for(lock, idle_pause, [this] { return !queue_.empty() || stopping_; });
    return !queue_.empty() || !stopping_;
}

std::size_t SqliteOrderLog::step() {
    if (!undecided_.empty()) {
        settle_undecided();
        return 0;
    }
    Group group = next_group();
    const std::size_t taken = group.size();
    if (taken == 0) {
        tidy_when_idle();
        return 0;
    }
    const Written written = write(group);
    if (written == Written::unknown) {
        undecided_ = std::move(group);
        broken_ = true;
        settle_undecided();
    } else {
        listener_->settled(group, written == Written::yes);
    }
    return taken;
}

// What waits now; it may be nothing.
SqliteOrderLog::Group SqliteOrderLog::next_group() {
    const std::lock_guard lock(mutex_);
    if (queue_.size() <= group_max) return std::exchange(queue_, {});
    const auto end = queue_.begin() + group_max;
    Group group(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return group;
}

// Before COMMIT nothing of a group can survive; a failed COMMIT leaves open whether all of it does.
SqliteOrderLog::Written SqliteOrderLog::write(Group& group) {
    const std::int64_t first_before = first_position_;
    const auto began = std::chrono::steady_clock::now();
    try {
        if (!connection_) open_again();
        connection_->prepare("BEGIN IMMEDIATE").step();
        for (LogEntry& entry : group) {
            entry.position = next_position_++;
            insert_row(*connection_, entry);
        }
        remove_outlived_of(group.size());
        if (steps_) steps_->insert.took(std::chrono::steady_clock::now() - began);
    } catch (const std::exception& failure) {
        first_position_ = first_before;
        roll_back();
        note_write(false, failure.what());
        return Written::no;
    }
    try {
        connection_->commit();
    } catch (const std::exception& failure) {
        first_position_ = first_before;
        note_write(false, failure.what());
        return Written::unknown;
    }
    written_at_.emplace_back(group.back().position, clock_.instant());
    note_write(true, "");
    return Written::yes;
}

// Says it when the disk begins to fail and when it has recovered, not at every order between.
void SqliteOrderLog::note_write(bool worked, const char* reason) {
    if (writable_.exchange(worked) == worked) return;
    if (worked) {
        log::info("flash", "the order log can be written again");
    } else {
        const log::Field why("reason", reason);
        log::error("flash",
                   "the order log cannot be written: free space or repair the disk; until then "
                   "orders get 500",
                   {why});
    }
}

// With a group: what it brings in and more, so that the log does not grow.
void SqliteOrderLog::remove_outlived_of(std::size_t brought) {
    const std::size_t piece = options_.removed_at_once;
    const std::int64_t due = removable_position() - first_position_ + 1;
    if (due >= static_cast<std::int64_t>(piece)) remove_outlived(std::max(piece, 2 * brought));
}

// Drops records that are in the database and whose keys have outlived their life. The newest record
// stays, so that positions go on rising after a restart.
void SqliteOrderLog::remove_outlived(std::size_t rows_max) {
    const std::int64_t until =
        std::min(removable_position(), first_position_ + static_cast<std::int64_t>(rows_max) - 1);
    if (until < first_position_) return;
    db::sqlite::Statement& statement = connection_->prepare(delete_until);
    statement.bind(1, until);
    statement.step();
    first_position_ = until + 1;
}

// Also finds out, while no orders come, that a disk which failed works again.
void SqliteOrderLog::tidy_when_idle() {
    const std::int64_t first_before = first_position_;
    try {
        if (!connection_) open_again();
        if (!writable_) connection_->execute(touch);
        remove_outlived(tidy_rows_idle);
        note_write(true, "");
    } catch (const std::exception& failure) {
        first_position_ = first_before;
        note_write(false, failure.what());
    }
}

std::int64_t SqliteOrderLog::removable_position() {
    const core::Instant old = clock_.instant() - options_.key_life;
    while (!written_at_.empty() && written_at_.front().second < old) {
        outlived_ = written_at_.front().first;
        written_at_.pop_front();
    }
    return std::min(outlived_, consumed_.load());
}

}  // namespace souk::flash
