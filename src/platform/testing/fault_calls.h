// The system calls by which a program makes files and folders, between the code under test and the
// system: the n-th fails, a sync is left out, and what would be there after a power cut is known.
// Links that use the library platform_testing_calls go through it (the linker's --wrap); calls made
// inside shared libraries do not.
#pragma once

#include <cstdint>
#include <filesystem>

namespace souk::testing {

// One at a time; while there is none, all calls pass and are not noted.
class FaultCalls {
public:
    FaultCalls();
    ~FaultCalls();
    FaultCalls(const FaultCalls&) = delete;
    FaultCalls& operator=(const FaultCalls&) = delete;

    // `n` calls pass and the next fails with this errno, a write after half of it; with `lasts` all
    // later ones as well, until fail_none(): what a killed process has left, for one.
    void fail_nth(int n, int error, bool lasts = false);
    void fail_none();
    // `n` syncs are done, and the next says so and does nothing.
    void skip_nth_sync(int n);

    int failures() const;
    int skips() const;

    // Whether the file or folder, made since, would be there after a power cut with what was
    // written to it: its names up to those that were there before are synced, and its content.
    bool is_durable(const std::filesystem::path& path) const;
};

}  // namespace souk::testing
