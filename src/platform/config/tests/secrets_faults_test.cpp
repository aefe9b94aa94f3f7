// Making a secret, with every system call failing in turn and every sync left out in turn.
#include "platform/config/secrets.h"
#include "platform/config/tests/room.h"
#include "platform/testing/fault_calls.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <string>

namespace souk::config {
namespace {

using testing::FaultCalls;

constexpr int calls_max = 100;

struct Place : Room {
    std::filesystem::path data = directory / "above" / "data";
    std::filesystem::path secret = data / "secrets" / "TOKEN";
    core::SystemRandom random;

    std::string get() { return kept_secret(data, "TOKEN", random); }

    // Until call n, where the process is killed. False when it came to its end before that.
    bool is_killed_at(int n, FaultCalls& calls) {
        calls.fail_nth(n, EIO, true);
        try {
            get();
        } catch (const std::runtime_error&) {
            EXPECT_GT(calls.failures(), 0);
        }
        calls.fail_none();
        return calls.failures() > 0;
    }
};

TEST(SecretFaults, whatever_call_fails_there_is_one_secret_in_the_end_or_a_reason) {
    for (const int error : {EIO, ENOSPC}) {
        int failures = 1;
        for (int n = 0; failures > 0 && n < calls_max; ++n) {
            Place place;
            FaultCalls calls;
            calls.fail_nth(n, error);
            std::string first;
            try {
                first = place.get();
            } catch (const std::runtime_error& failure) {
                EXPECT_GT(calls.failures(), 0) << failure.what();
            }
            failures = calls.failures();
            calls.fail_none();
            const std::string again = place.get();
            EXPECT_EQ(again.size(), 64U);
            if (!first.empty()) EXPECT_EQ(again, first) << "call " << n;
            EXPECT_TRUE(calls.is_durable(place.secret)) << "call " << n;
        }
        EXPECT_EQ(failures, 0);
    }
}

TEST(SecretFaults, a_failed_try_leaves_a_draft_only_when_that_cannot_be_removed) {
    int drafts = 0;
    for (int n = 0; n < calls_max; ++n) {
        Place place;
        std::filesystem::create_directories(place.secret.parent_path());
        FaultCalls calls;
        calls.fail_nth(n, ENOSPC);
        try {
            place.get();
        } catch (const std::runtime_error& failure) {
            EXPECT_NE(std::string(failure.what()).find("cannot "), std::string::npos);
        }
        std::filesystem::remove(place.secret);
        drafts += std::filesystem::is_empty(place.secret.parent_path()) ? 0 : 1;
    }
    EXPECT_EQ(drafts, 1);
}

TEST(SecretFaults, whenever_its_maker_was_killed_the_next_one_returns_what_a_power_cut_leaves) {
    bool was_killed = true;
    int n = 0;
    for (; was_killed && n < calls_max; ++n) {
        Place place;
        FaultCalls calls;
        was_killed = place.is_killed_at(n, calls);
        place.get();
        EXPECT_TRUE(calls.is_durable(place.secret)) << "killed at call " << n;
    }
    EXPECT_GT(n, 10);
    EXPECT_LT(n, calls_max);
}

// Which syncs of a second start there are, and whether one left out is ever noticed.
bool is_noticed(int left_out, bool& exists) {
    exists = false;
    bool was_killed = true;
    for (int n = 0; was_killed && n < calls_max; ++n) {
        Place place;
        FaultCalls calls;
        was_killed = place.is_killed_at(n, calls);
        calls.skip_nth_sync(left_out);
        place.get();
        exists = exists || calls.skips() > 0;
        if (calls.skips() > 0 && !calls.is_durable(place.secret)) return true;
    }
    return false;
}

TEST(SecretFaults, without_any_one_of_the_syncs_a_power_cut_could_take_the_secret) {
    int syncs = 0;
    for (bool exists = true; syncs < calls_max; ++syncs) {
        const bool noticed = is_noticed(syncs, exists);
        if (!exists) break;
        EXPECT_TRUE(noticed) << "sync " << syncs;
    }
    EXPECT_EQ(syncs, 6);
}

}  // namespace
}  // namespace souk::config
