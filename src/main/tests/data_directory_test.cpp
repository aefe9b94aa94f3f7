// The data directory and its lock, with every system call failing in turn and every sync left out.
#include "main/data_directory.h"

#include "platform/testing/fault_calls.h"
#include "platform/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace souk {
namespace {

using testing::FaultCalls;

constexpr int calls_max = 100;

struct Place {
    testing::TemporaryFolder folder;
    std::string path = (std::filesystem::path(folder.path()) / "above" / "data").string();

    // Until call n, where the process is killed. False when it came to its end before that.
    bool is_killed_at(int n, FaultCalls& calls) const {
        calls.fail_nth(n, EIO, true);
        try {
            const DataDirectory directory(path);
        } catch (const std::runtime_error&) {
            EXPECT_GT(calls.failures(), 0);
        }
        calls.fail_none();
        return calls.failures() > 0;
    }
};

TEST(DataDirectory, is_made_and_locked_for_one_process) {
    const Place place;
    {
        const DataDirectory directory(place.path);
        EXPECT_TRUE(DataDirectory::is_in_use(place.path));
        try {
            const DataDirectory another(place.path);
            ADD_FAILURE() << "two have it";
        } catch (const std::runtime_error& refused) {
            const std::string why = refused.what();
            EXPECT_NE(why.find(std::to_string(::getpid())), std::string::npos) << why;
        }
    }
    EXPECT_FALSE(DataDirectory::is_in_use(place.path));
    const DataDirectory again(place.path + "/");
}

TEST(DataDirectory, a_file_in_its_place_is_told) {
    const Place place;
    std::ofstream(std::filesystem::path(place.folder.path()) / "above") << "no folder";
    try {
        const DataDirectory directory(place.path);
        ADD_FAILURE() << "it was made";
    } catch (const std::runtime_error& refused) {
        EXPECT_NE(std::string(refused.what()).find("Not a directory"), std::string::npos)
            << refused.what();
    }
}

TEST(DataDirectory, whatever_call_fails_it_is_locked_or_says_why_and_the_next_try_succeeds) {
    for (const int error : {EIO, ENOSPC}) {
        int failures = 1;
        int n = 0;
        for (; failures > 0 && n < calls_max; ++n) {
            const Place place;
            FaultCalls calls;
            calls.fail_nth(n, error);
            try {
                const DataDirectory directory(place.path);
                failures = calls.failures();
                calls.fail_none();
                EXPECT_TRUE(DataDirectory::is_in_use(place.path)) << "call " << n;
            } catch (const std::runtime_error& refused) {
                EXPECT_NE(std::string(refused.what()).find(place.path), std::string::npos)
                    << refused.what();
            }
            failures = calls.failures();
            calls.fail_none();
            EXPECT_FALSE(DataDirectory::is_in_use(place.path)) << "call " << n;
            const DataDirectory directory(place.path);
            EXPECT_TRUE(calls.is_durable(place.path)) << "call " << n;
        }
        EXPECT_GT(n, 5);
        EXPECT_LT(n, calls_max);
    }
}

TEST(DataDirectory, whenever_its_maker_was_killed_the_next_one_has_one_that_survives_a_power_cut) {
    bool was_killed = true;
    int n = 0;
    for (; was_killed && n < calls_max; ++n) {
        const Place place;
        FaultCalls calls;
        was_killed = place.is_killed_at(n, calls);
        const DataDirectory directory(place.path);
        EXPECT_TRUE(calls.is_durable(place.path)) << "killed at call " << n;
    }
    EXPECT_GT(n, 5);
    EXPECT_LT(n, calls_max);
}

bool is_noticed(int left_out, bool& exists) {
    exists = false;
    bool was_killed = true;
    for (int n = 0; was_killed && n < calls_max; ++n) {
        const Place place;
        FaultCalls calls;
        was_killed = place.is_killed_at(n, calls);
        calls.skip_nth_sync(left_out);
        const DataDirectory directory(place.path);
        exists = exists || calls.skips() > 0;
        if (calls.skips() > 0 && !calls.is_durable(place.path)) return true;
    }
    return false;
}

TEST(DataDirectory, without_any_one_of_the_syncs_a_power_cut_could_take_all_data) {
    int syncs = 0;
    for (bool exists = true; syncs < calls_max; ++syncs) {
        const bool noticed = is_noticed(syncs, exists);
        if (!exists) break;
        EXPECT_TRUE(noticed) << "sync " << syncs;
    }
    EXPECT_EQ(syncs, 3);
}

}  // namespace
}  // namespace souk
