// What stands behind a FaultDisk and its VFS: the directory, the faults that are set, and the count
// of operations.
#pragma once

#include "platform/testing/fault_disk.h"
#include "platform/testing/fault_file.h"

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace souk::testing {

using FaultFilePtr = std::shared_ptr<FaultFile>;

// One open file. Its process "died" when the life of the disk is not the one it was opened in.
struct FaultHandle {
    FaultDisk::State& disk;
    std::string name;
    FaultFilePtr file;
    std::uint64_t life;
    bool syncs_directory = false;  // at its next sync
    int lock_level = SQLITE_LOCK_NONE;
    std::shared_ptr<FaultSharedMemory> shared_memory = nullptr;
    FaultSharedMemory::Held shared_locks{};
};

struct FaultDisk::State {
    State();
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // What an operation is to do. Calls the hook, then counts, unless the process of this handle is
    // dead; afterwards the caller holds `lock`.
    enum class Verdict { pass, fail, full, end };
    Verdict begin(const Step& step, std::unique_lock<std::mutex>& lock, const FaultHandle* handle);

    void come_to_the_end();  // as `end` says; the caller holds the mutex, as for all below
    void crash(std::uint64_t seed);
    void kill();
    bool is_dead(const FaultHandle& handle) const { return handle.life != life; }
    FaultFilePtr find(const std::string& name) const;
    void sync(FaultHandle& handle);
    void release(FaultHandle& handle);

    // A file as programs see it and as the directory on the disk has it; null: no such file.
    struct Entry {
        FaultFilePtr seen;
        FaultFilePtr durable;
    };

    std::string name;
    sqlite3_vfs vfs{};

    mutable std::mutex mutex;
    std::map<std::string, Entry> directory;
    std::shared_ptr<const std::function<void(const Step&)>> hook;
    std::uint64_t life = 0;
    int operations = 0;
    std::optional<Fault> fault;
    int passes_before_fault = 0;
    int failures = 0;
    struct End {
        int passes_before;
        std::optional<std::uint64_t> seed;  // of the crash; none: only the process is killed
    };
    std::optional<End> end;
    bool is_off = false;
    std::string unsynced_file;
    int syncs_before_skip = 0;
    int syncs_to_skip = 0;
    int skips = 0;
};

// Fills in the C functions by which SQLite uses the disk (fault_vfs.cpp).
void make_fault_vfs(FaultDisk::State& disk);

}  // namespace souk::testing
