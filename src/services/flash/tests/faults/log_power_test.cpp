// The order log when the power fails or the process dies, at every operation it does: what it
// called durable is there, what it called lost is not. And the proof that this notices a lost sync.
#include "services/flash/tests/faults/log_on_disk.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::flash {
namespace {

using Operation = testing::FaultDisk::Operation;

constexpr std::uint64_t seeds = 8;
constexpr int operations_max = 2'000;

TEST(LogPower, whenever_the_power_fails_every_promise_is_kept) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        int n = 0;
        for (bool was_off = true; was_off && n < operations_max; ++n) {
            LogOnDisk log;
            log.disk.crash_at(n, seed);
            log.live();
            was_off = log.disk.is_off();
            ASSERT_EQ(log.broken_promise(), "") << "power failed at " << n << ", seed " << seed;
            log.write(1);
            ASSERT_EQ(log.broken_promise(), "") << "afterwards; at " << n << ", seed " << seed;
        }
        ASSERT_GT(n, 50);
        ASSERT_LT(n, operations_max);
    }
}

TEST(LogPower, what_a_killed_process_left_and_its_successor_read_survives_a_power_cut) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        bool was_off = true;
        for (int n = 0; was_off && n < operations_max; ++n) {
            LogOnDisk log;
            log.disk.kill_at(n);
            log.live();
            was_off = log.disk.is_off();
            log.close();
            log.disk.heal();
            log.open();  // duplicates of what it reads are answered with "ignored" from here on
            if (seed % 2 == 0) log.write(2);
            log.disk.crash(seed);
            ASSERT_EQ(log.broken_promise(), "") << "killed at " << n << ", seed " << seed;
        }
    }
}

TEST(LogPower, a_failed_sync_is_not_believed_later) {
    for (const bool lasts : {false, true}) {
        for (int n = 0; n < 40; ++n) {
            for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
                LogOnDisk log;
                log.disk.fail_nth(n, {.lasts = lasts, .only = Operation::sync});
                log.live();
                log.disk.heal();
                log.open();
                log.write(2);
                log.disk.crash(seed);
                ASSERT_EQ(log.broken_promise(), "")
                    << "sync " << n << " failed" << (lasts ? " and all later" : "") << ", seed "
                    << seed;
            }
        }
    }
}

TEST(LogPower, a_failed_sync_and_a_killed_process_are_not_believed_later) {
    for (int n = 0; n < 40; ++n) {
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            LogOnDisk log;
            log.disk.fail_nth(n, {.lasts = true, .only = Operation::sync});
            log.disk.on_step([&log](const testing::FaultDisk::Step& step) {
                if (log.disk.failures() > 0 && step.operation != Operation::sync) log.disk.kill();
            });
            log.live();
            log.disk.on_step(nullptr);
            log.close();
            log.disk.heal();
            log.open();
            log.write(2);
            log.write(1);
            log.disk.crash(seed);
            ASSERT_EQ(log.broken_promise(), "") << "sync " << n << " failed, seed " << seed;
        }
    }
}

// The first group of a WAL, on a disk whose next syncs fail; when it is well again, the log makes
// certain what became of the group, and the power fails within that.
void settle_until_power_cut(LogOnDisk& log, int failures, int crash_after, std::uint64_t seed) {
    log.open();
    log.write(1);
    log.close();
    log.open();
    log.disk.fail_nth(0, {.lasts = true, .only = Operation::sync});
    log.disk.on_step([=, &log](const testing::FaultDisk::Step&) {
        if (log.disk.failures() < failures) return;
        log.disk.heal();
        log.disk.crash_at(crash_after, seed);
        log.disk.on_step(nullptr);
    });
    log.write(2);
    for (int i = 0; i < 3; ++i) log.round();
    log.disk.on_step(nullptr);
    if (!log.disk.is_off()) log.disk.crash(seed);
}

// The power cut tears what a checkpoint was copying into the file, so the WAL that mends it has to
// be on the disk, and a sync after one that failed does not bring it there.
TEST(LogPower, after_failed_syncs_a_torn_checkpoint_is_mended) {
    for (const int failures : {1, 2, 3}) {
        for (int crash_after = 0; crash_after < 10; ++crash_after) {
            for (std::uint64_t seed = 1; seed <= 100; ++seed) {
                LogOnDisk log;
                settle_until_power_cut(log, failures, crash_after, seed);
                ASSERT_EQ(log.broken_promise(), "") << failures << " syncs failed, power cut after "
                                                    << crash_after << ", seed " << seed;
            }
        }
    }
}

TEST(LogPower, an_undecided_group_that_is_there_is_durable_and_one_that_is_not_is_lost) {
    LogOnDisk log;
    log.open();
    log.write(1);
    ASSERT_EQ(log.promised(), 1U);

    log.disk.fail_nth(0, {.lasts = true, .only = Operation::sync});  // its writes come through
    log.write(2);
    EXPECT_TRUE(log.has_undecided());
    log.disk.heal();
    log.round();  // reads it back
    log.round();  // finds out that the disk can be written
    EXPECT_FALSE(log.has_undecided());
    EXPECT_EQ(log.broken_promise(), "");

    log.disk.fail_nth(0, {.lasts = true, .only = Operation::write});
    log.write(2);
    EXPECT_TRUE(log.has_undecided());
    log.disk.heal();
    log.round();  // reads it back
    log.round();  // finds out that the disk can be written
    EXPECT_FALSE(log.has_undecided());
    log.disk.crash(1);
    EXPECT_EQ(log.broken_promise(), "");
}

// How many of the runs of the first test break a promise when syncs of this file are left out.
int runs_that_notice(const std::string& file) {
    int noticed = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        bool was_off = true;
        for (int n = 0; was_off && n < operations_max; ++n) {
            LogOnDisk log;
            log.disk.skip_syncs_of(file);
            log.disk.crash_at(n, seed);
            log.live();
            was_off = log.disk.is_off();
            if (!was_off) log.disk.crash(seed);
            if (!log.broken_promise().empty()) ++noticed;
        }
    }
    return noticed;
}

TEST(LogPower, a_commit_without_its_sync_is_noticed) {
    EXPECT_GT(runs_that_notice("log.db-wal"), 0);
}

TEST(LogPower, a_checkpoint_without_its_sync_is_noticed) {
    EXPECT_GT(runs_that_notice("log.db"), 0);
}

}  // namespace
}  // namespace souk::flash
