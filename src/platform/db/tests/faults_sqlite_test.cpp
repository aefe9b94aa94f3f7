// The SQLite adapter on a disk that fails and loses power: what it called committed is there, no
// transaction is there by half, and a sync that is left out is noticed.
#include "db_test/schema.h"
#include "platform/core/error.h"
#include "platform/db/database.h"
#include "platform/testing/fault_disk.h"
#include "platform/testing/on_loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace souk::db {
namespace {

using Disk = testing::FaultDisk;
using Operation = Disk::Operation;

constexpr const char* file = "things.db";
constexpr const char* wal = "things.db-wal";
constexpr Sql insert_thing = "INSERT INTO thing (id, name) VALUES ($1, $2)";
constexpr Sql select_things = "SELECT id FROM thing ORDER BY id";
constexpr int operations_max = 2'000;
constexpr std::size_t large = 1'000'000;  // bytes of a row that brings the next checkpoint near

// In either of the two ways.
core::Task<> insert_pair(Database& database, std::int64_t pair, std::string name) {
    if (pair % 2 == 0) {
        std::vector<Statement> both;
        both.push_back(statement(insert_thing, 2 * pair, name + "a"));
        both.push_back(statement(insert_thing, 2 * pair + 1, name + "b"));
        co_await database.write_all(std::move(both));
        co_return;
    }
    Transaction transaction = co_await database.begin();
    co_await transaction.run(insert_thing, 2 * pair, name + "a");
    co_await transaction.run(insert_thing, 2 * pair + 1, name + "b");
    co_await transaction.commit();
}

// A database on such a disk, into which pairs of rows are written, each in one transaction.
class Pairs {
public:
    void open() { database_ = db::open({.file = file, .timeout_ms = 1'000, .vfs = disk.vfs()}); }
    void close() { database_.reset(); }
    bool migrate() {
        return attempt([this] { wait(database_->migrate(db_test::migrations())); });
    }

    void insert(std::size_t name_bytes = 1) {
        const std::int64_t pair = ++pairs_;
        const std::string name = std::to_string(pair) + std::string(name_bytes, '-');
        is_inserting_ = true;
        if (attempt([&] { wait(insert_pair(*database_, pair, name)); })) committed_.insert(pair);
        is_inserting_ = false;
    }
    bool is_inserting() const { return is_inserting_; }

    // From a new file to the second end; what fails is not tried again.
    void live() {
        for (int life = 0; life < 2 && !disk.is_off(); ++life) {
            open();
            migrate();
            for (int i = 0; i < 4; ++i) insert();
            close();
        }
    }

    // Opens the database anew on a healed disk. "" when every promise is kept.
    std::string broken_promise() {
        close();
        disk.heal();
        open();
        std::set<std::int64_t> found;
        try {
            wait(database_->migrate(db_test::migrations()));
            const Rows rows = wait(database_->read(select_things));
            for (const Values& row : rows.rows) found.insert(integer(row[0]));
        } catch (const std::exception&) {
            return "the database cannot be read";  // what() belongs to the loop's thread
        }
        for (std::int64_t pair = 1; pair <= pairs_; ++pair) {
            const std::string name = "pair " + std::to_string(pair);
            const bool first = found.contains(2 * pair);
            if (first != found.contains(2 * pair + 1)) return "half of " + name + " is there";
            if (committed_.contains(pair) && !first) return name + " was committed and is gone";
        }
        return "";
    }

    std::size_t committed() const { return committed_.size(); }

    Disk disk;

private:
    template <typename T>
    T wait(core::Task<T> task) {
        return loop_.wait(std::move(task));
    }

    // What a program hears after its death it cannot promise to anybody.
    template <typename Work>
    bool attempt(Work work) {
        try {
            work();
            return !disk.is_off();
        } catch (const std::exception&) {
            return false;
        }
    }

    testing::OnLoop loop_;
    std::unique_ptr<Database> database_;
    std::int64_t pairs_ = 0;
    bool is_inserting_ = false;
    std::set<std::int64_t> committed_;
};

TEST(SqliteFaults, whenever_the_power_fails_every_commit_is_kept) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        bool was_off = true;
        int n = 0;
        for (; was_off && n < operations_max; ++n) {
            Pairs pairs;
            pairs.disk.crash_at(n, seed);
            pairs.live();
            was_off = pairs.disk.is_off();
            ASSERT_EQ(pairs.broken_promise(), "") << "power failed at " << n << ", seed " << seed;
        }
        ASSERT_GT(n, 50);
    }
}

TEST(SqliteFaults, whatever_operation_fails_the_database_recovers_and_no_commit_is_lost) {
    for (const Disk::Kind kind : {Disk::Kind::io_error, Disk::Kind::full}) {
        for (const bool lasts : {false, true}) {
            int failures = 1;
            for (int n = 0; failures > 0 && n < operations_max; ++n) {
                Pairs pairs;
                pairs.disk.fail_nth(n, {.kind = kind, .lasts = lasts, .only = {}});
                pairs.live();
                failures = pairs.disk.failures();
                const std::string when = " operation " + std::to_string(n) + " failed" +
                                         (lasts ? ", and all later ones" : "");
                ASSERT_EQ(pairs.broken_promise(), "") << when;
                const std::size_t before = pairs.committed();
                pairs.insert();
                ASSERT_EQ(pairs.committed(), before + 1) << "it does not recover:" << when;
                pairs.disk.crash(static_cast<std::uint64_t>(n));
                ASSERT_EQ(pairs.broken_promise(), "") << "after a power cut:" << when;
            }
            ASSERT_EQ(failures, 0);
        }
    }
}

TEST(SqliteFaults, a_failed_sync_is_not_believed_later) {
    for (const bool lasts : {false, true}) {
        for (int n = 0; n < 30; ++n) {
            for (std::uint64_t seed = 1; seed <= 3; ++seed) {
                Pairs pairs;
                pairs.disk.fail_nth(n, {.lasts = lasts, .only = Operation::sync});
                pairs.live();
                pairs.disk.heal();
                pairs.open();
                pairs.insert();
                pairs.disk.crash(seed);
                ASSERT_EQ(pairs.broken_promise(), "")
                    << "sync " << n << " failed" << (lasts ? " and all later" : "") << ", seed "
                    << seed;
            }
        }
    }
}

TEST(SqliteFaults, within_one_process_a_failed_sync_is_not_believed_later) {
    for (int n = 0; n < 4; ++n) {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            Pairs pairs;
            pairs.open();
            ASSERT_TRUE(pairs.migrate());
            pairs.insert();
            pairs.disk.fail_nth(n, {.lasts = true, .only = Operation::sync});
            for (int i = 0; i < 3; ++i) pairs.insert();
            pairs.disk.heal();
            pairs.insert();
            pairs.disk.crash(seed);
            ASSERT_EQ(pairs.broken_promise(), "") << "sync " << n << " failed, seed " << seed;
        }
    }
}

// Runs that break a promise while syncs of this file are left out.
int runs_that_notice(const std::string& unsynced, const std::function<void(Pairs&)>& run) {
    int noticed = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        Pairs pairs;
        pairs.disk.skip_syncs_of(unsynced);
        run(pairs);
        pairs.disk.crash(seed);
        pairs.disk.skip_syncs_of("");
        if (!pairs.broken_promise().empty()) ++noticed;
    }
    return noticed;
}

void commit_and_stay(Pairs& pairs) {
    pairs.open();
    pairs.migrate();
    for (int i = 0; i < 3; ++i) pairs.insert();
}

// So much that the writer checkpoints by itself, and a little more, which goes to the next WAL.
void commit_until_it_checkpoints(Pairs& pairs) {
    pairs.open();
    pairs.migrate();
    for (int i = 0; i < 9; ++i) pairs.insert(large);
    for (int i = 0; i < 3; ++i) pairs.insert();
}

TEST(SqliteFaults, a_commit_without_its_sync_is_noticed) {
    EXPECT_EQ(runs_that_notice("", commit_and_stay), 0);
    EXPECT_GT(runs_that_notice(wal, commit_and_stay), 0);
}

TEST(SqliteFaults, a_checkpoint_without_its_sync_is_noticed) {
    EXPECT_EQ(runs_that_notice("", commit_until_it_checkpoints), 0);
    EXPECT_GT(runs_that_notice(file, commit_until_it_checkpoints), 0);
    EXPECT_GT(runs_that_notice(file, [](Pairs& pairs) { pairs.live(); }), 0)
        << "the checkpoint at the end of a program";
}

// The n-th sync of a life is left out: where that is, and whether a promise hangs on it. Those of
// making an empty database come before any promise; the WAL is synced once more before a checkpoint
// copies it, and every commit in it has been synced already.
struct LeftOut {
    int at_operation = 0;
    bool is_needed = false;
};

std::optional<LeftOut> leave_out(int n) {
    Pairs pairs;
    LeftOut found;
    pairs.disk.skip_nth_sync(n);
    pairs.disk.on_step([&](const Disk::Step& step) {
        if (pairs.disk.skips() > 0 || step.operation != Operation::sync) return;
        const bool is_checkpoint = step.file == file && pairs.committed() > 0;
        found = {pairs.disk.operations(), pairs.is_inserting() || is_checkpoint};
    });
    pairs.live();
    pairs.disk.on_step(nullptr);
    if (pairs.disk.skips() == 0) return std::nullopt;
    return found;
}

bool is_noticed(int n, int from) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        bool was_off = true;
        for (int at = from; was_off && at < operations_max; ++at) {
            Pairs pairs;
            pairs.disk.skip_nth_sync(n);
            pairs.disk.crash_at(at, seed);
            pairs.live();
            was_off = pairs.disk.is_off();
            if (!was_off) pairs.disk.crash(seed);
            if (!pairs.broken_promise().empty()) return true;
        }
    }
    return false;
}

TEST(SqliteFaults, without_any_one_sync_of_a_commit_or_checkpoint_a_commit_could_be_lost) {
    int needed = 0;
    int n = 0;
    for (; n < operations_max; ++n) {
        const std::optional<LeftOut> sync = leave_out(n);
        if (!sync) break;
        if (!sync->is_needed) continue;
        EXPECT_TRUE(is_noticed(n, sync->at_operation)) << "sync " << n;
        ++needed;
    }
    EXPECT_GE(needed, 10) << "eight commits and the checkpoint at each of two ends";
    EXPECT_LT(n, operations_max);
}

}  // namespace
}  // namespace souk::db
