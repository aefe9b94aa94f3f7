// Every sync of the order log is there for a reason: with any one left out, some kill and some
// power cut break a promise. Those of which that is not true are named here, with what makes them
// redundant; they are SQLite's, and cost one sync each at a start, an end or while nothing else is
// to do.
#include "platform/core/error.h"
#include "services/flash/tests/faults/log_on_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace souk::flash {
namespace {

using Doing = LogOnDisk::Doing;
using Operation = testing::FaultDisk::Operation;

constexpr std::uint64_t seeds = 8;
constexpr int syncs_max = 100;

// A sync that is left out, and what the program was at.
struct LeftOut {
    std::string file;
    Doing doing = Doing::opening;
    int at_operation = 0;
};

// Leaves out the n-th sync of what `act` does, or some from there, and tells of the first. nullopt:
// it has not so many.
template <typename Act>
std::optional<LeftOut> leave_out(LogOnDisk& log, int n, Act act, int times = 1) {
    LeftOut found;
    log.disk.skip_nth_sync(n, times);
    log.disk.on_step([&](const testing::FaultDisk::Step& step) {
        if (log.disk.skips() > 0 || step.operation != Operation::sync) return;
        found = {step.file, log.doing, log.disk.operations()};
    });
    act(log);
    log.disk.on_step(nullptr);
    if (log.disk.skips() == 0) return std::nullopt;
    return found;
}

void live(LogOnDisk& log) { log.live(); }

int operations_of_a_life() {
    LogOnDisk log;
    log.live();
    return log.disk.operations();
}

// Whether some power cut behind it breaks a promise of the same process.
bool is_noticed(int n, const LeftOut& sync, int operations) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        for (int at = sync.at_operation; at <= operations; ++at) {
            LogOnDisk log;
            log.disk.skip_nth_sync(n);
            log.disk.crash_at(at, seed);
            log.live();
            if (!log.disk.is_off()) log.disk.crash(seed);
            if (!log.broken_promise().empty()) return true;
        }
    }
    return false;
}

// What makes it redundant within a life; "" when it is not.
std::string reason_of(const LeftOut& sync) {
    if (sync.doing == Doing::forgetting) return "that a record was forgotten is no promise";
    if (sync.doing == Doing::closing && sync.file == "log.db-wal")
        return "before a checkpoint, and every commit in that WAL has been synced";
    if (sync.doing == Doing::opening)
        return "nothing is promised yet; what a process before has left is the next test's";
    return "";
}

TEST(LogSyncs, without_any_one_of_them_a_power_cut_could_break_a_promise) {
    const int operations = operations_of_a_life();
    int noticed = 0;
    int n = 0;
    for (; n < syncs_max; ++n) {
        LogOnDisk log;
        const std::optional<LeftOut> sync = leave_out(log, n, live);
        if (!sync) break;
        if (!reason_of(*sync).empty()) continue;
        EXPECT_TRUE(is_noticed(n, *sync, operations)) << "sync " << n << ", of " << sync->file;
        ++noticed;
    }
    EXPECT_GE(noticed, 12) << "ten groups and the checkpoint at each of two ends";
    EXPECT_LT(n, syncs_max);
}

// How a process ends at the sync of one of its groups: it is killed before that, or the sync fails,
// which later ones do not make good, and then it is killed.
struct Death {
    int operation = 0;
    int sync = 0;
    bool has_failed = false;
};

// Gives the log as the next process finds it.
void leave_behind(LogOnDisk& log, const Death& death) {
    if (death.has_failed) {
        log.disk.fail_nth(death.sync, {.lasts = true, .only = Operation::sync});
        log.disk.on_step([&log](const testing::FaultDisk::Step& step) {
            if (log.disk.failures() > 0 && step.operation != Operation::sync) log.disk.kill();
        });
    } else {
        log.disk.kill_at(death.operation);
    }
    log.live();
    log.disk.on_step(nullptr);
    log.close();
    log.disk.heal();
}

// At each group of a first life, in both ways.
std::vector<Death> deaths() {
    LogOnDisk log;
    std::vector<Death> all;
    int syncs = 0;
    log.disk.on_step([&](const testing::FaultDisk::Step& step) {
        if (step.operation != Operation::sync) return;
        const bool is_group = all.size() < 10 && log.doing == Doing::writing;
        for (const bool has_failed : {false, true}) {
            if (is_group) all.push_back({log.disk.operations(), syncs, has_failed});
        }
        ++syncs;
    });
    log.live();
    log.disk.on_step(nullptr);
    return all;
}

void take_over(LogOnDisk& log) {
    try {
        log.open();
        log.write(2);
    } catch (const core::Unavailable&) {
        log.close();  // the power failed meanwhile
    }
}

// What a start after a kill syncs, and a group after it, in this order. Where two stand together,
// each would do: nothing is promised between them.
struct Step {
    const char* what;
    const char* file;
    int syncs;
    std::uint64_t seeds;  // a rare case needs many; 0: the last test's
};
constexpr Step steps[] = {
    {"the WAL, written again, and before a checkpoint copies it", "log.db-wal", 2, 300},
    {"the database it was copied to",                             "log.db",     1, 50 },
    {"the next WAL's header and its first commit",                "log.db-wal", 2, 0  },
    {"the first group",                                           "log.db-wal", 1, 50 }
};

// The crashes of one take-over, from its end back to the sync that was left out.
bool is_noticed_after(const Death& death, int first, const Step& step, std::uint64_t seed) {
    constexpr int crashes = 30;  // more than a take-over has operations
    for (int crash = crashes; crash > 0; --crash) {
        LogOnDisk log;
        leave_behind(log, death);
        const int before = log.disk.operations();
        log.disk.crash_at(crash, seed);
        const std::optional<LeftOut> sync = leave_out(log, first, take_over, step.syncs);
        if (!sync || sync->file != step.file) return false;
        const int done = log.disk.operations() - before;
        if (!log.disk.is_off()) {
            log.disk.crash(seed);
            crash = std::min(crash, done + 1);  // the next one is its last operation
        }
        if (!log.broken_promise().empty()) return true;
    }
    return false;
}

// Whether some death of the process before, and a power cut in the next one, break a promise.
bool is_noticed_by_successor(int first, const Step& step) {
    const std::vector<Death> all = deaths();
    for (std::uint64_t seed = 1; seed <= step.seeds; ++seed) {
        for (const Death& death : all) {
            if (is_noticed_after(death, first, step, seed)) return true;
        }
    }
    return false;
}

// What was killed may have left commits that are in memory only, and a WAL that could come back.
TEST(LogSyncs, nor_without_any_one_of_a_start_after_a_kill) {
    int first = 0;
    for (const Step& step : steps) {
        if (step.seeds > 0) EXPECT_TRUE(is_noticed_by_successor(first, step)) << step.what;
        first += step.syncs;
    }
    LogOnDisk log;
    leave_behind(log, deaths().front());
    EXPECT_FALSE(leave_out(log, first, take_over)) << "a sync that nothing here is said about";
}

// The sync of a group fails while somebody reads along, so that SQLite goes on with its index in
// memory, which does not have the group: the log calls it lost. On the disk it may be whole.
void begin_to_lose(LogOnDisk& log) {
    log.open();
    log.write(1);
    log.read_along();
    log.disk.fail_nth(0, {.only = Operation::sync});
}

void lose_a_group(LogOnDisk& log) { log.write(2); }

TEST(LogSyncs, what_was_called_lost_never_comes_back) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        LogOnDisk log;
        begin_to_lose(log);
        lose_a_group(log);
        ASSERT_EQ(log.lost(), 2U);
        log.disk.crash(seed);
        ASSERT_EQ(log.broken_promise(), "") << "seed " << seed;
    }
}

// The WAL that has it could return with a power cut; the header of the next one ends it for good.
TEST(LogSyncs, nor_without_those_that_end_the_old_wal) {
    const int first = steps[0].syncs + steps[1].syncs;
    bool is_noticed = false;
    for (std::uint64_t seed = 1; seed <= 50 && !is_noticed; ++seed) {
        LogOnDisk log;
        begin_to_lose(log);
        const std::optional<LeftOut> sync = leave_out(log, first, lose_a_group, steps[2].syncs);
        ASSERT_TRUE(sync && sync->file == steps[2].file);
        ASSERT_EQ(log.disk.skips(), steps[2].syncs);
        ASSERT_EQ(log.lost(), 2U);
        log.disk.crash(seed);
        is_noticed = log.broken_promise().ends_with("was called lost and is there");
    }
    EXPECT_TRUE(is_noticed) << steps[2].what;
}

}  // namespace
}  // namespace souk::flash
