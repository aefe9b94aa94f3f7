// The C functions by which SQLite uses a FaultDisk.
#include "platform/testing/fault_state.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace souk::testing {
namespace {

using Operation = FaultDisk::Operation;
using State = FaultDisk::State;
using Verdict = State::Verdict;

constexpr int file_system_block = 4096;
constexpr int name_bytes_max = 512;

// SQLite allocates this much and gives it to every function below.
struct OpenFile {
    sqlite3_file base;
    FaultHandle* handle;
};

FaultHandle& handle_of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file)->handle; }

// Begins an operation on an open file: SQLITE_OK, or `error` when it has to fail. A crash happens
// before the operation, but for a write, which may have been on its way.
int begin(FaultHandle& handle, FaultDisk::Step step, int error, std::unique_lock<std::mutex>& lock,
          Verdict& verdict) {
    step.file = handle.name;
    verdict = handle.disk.begin(step, lock, &handle);
    if (handle.disk.is_dead(handle)) return error;
    const bool may_arrive =
        step.operation == Operation::write || step.operation == Operation::truncate;
    if (verdict == Verdict::end && !may_arrive) handle.disk.come_to_the_end();
    if (verdict == Verdict::full && step.operation == Operation::write) return SQLITE_FULL;
    return verdict == Verdict::pass || (verdict == Verdict::end && may_arrive) ? SQLITE_OK : error;
}

int close_file(sqlite3_file* file) {
    FaultHandle& handle = handle_of(file);
    State& disk = handle.disk;
    {
        const std::lock_guard lock(disk.mutex);
        disk.release(handle);
    }
    delete &handle;
    return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
    FaultHandle& handle = handle_of(file);
    const std::lock_guard lock(handle.disk.mutex);
    if (handle.disk.is_dead(handle)) return SQLITE_IOERR_READ;
    const std::span wanted(static_cast<unsigned char*>(into), static_cast<std::size_t>(amount));
    const std::size_t got = handle.file->read(static_cast<std::size_t>(offset), wanted);
    std::ranges::fill(wanted.subspan(got), static_cast<unsigned char>(0));
    return got == wanted.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    FaultHandle& handle = handle_of(file);
    std::unique_lock<std::mutex> lock;
    Verdict verdict{};
    const std::span bytes(static_cast<const unsigned char*>(from),
                          static_cast<std::size_t>(amount));
    const int code = begin(handle, {Operation::write, {}, offset, bytes.size()}, SQLITE_IOERR_WRITE,
                           lock, verdict);
    if (handle.disk.is_dead(handle)) return SQLITE_IOERR_WRITE;
    const std::size_t arriving = code == SQLITE_OK ? bytes.size() : bytes.size() / 2;
    handle.file->write(static_cast<std::size_t>(offset), bytes.first(arriving));
    if (verdict != Verdict::end) return code;
    handle.disk.come_to_the_end();
    return SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    FaultHandle& handle = handle_of(file);
    std::unique_lock<std::mutex> lock;
    Verdict verdict{};
    const int code =
        begin(handle, {Operation::truncate, {}, size}, SQLITE_IOERR_TRUNCATE, lock, verdict);
    if (code != SQLITE_OK) return code;
    handle.file->truncate(static_cast<std::size_t>(size));
    if (verdict != Verdict::end) return SQLITE_OK;
    handle.disk.come_to_the_end();
    return SQLITE_IOERR_TRUNCATE;
}

int sync_file(sqlite3_file* file, int) {
    FaultHandle& handle = handle_of(file);
    std::unique_lock<std::mutex> lock;
    Verdict verdict{};
    const int code = begin(handle, {Operation::sync, {}}, SQLITE_IOERR_FSYNC, lock, verdict);
    if (handle.disk.is_dead(handle)) return SQLITE_IOERR_FSYNC;
    if (code != SQLITE_OK) {
        handle.file->fail_sync();
        return code;
    }
    handle.disk.sync(handle);
    return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    FaultHandle& handle = handle_of(file);
    const std::lock_guard lock(handle.disk.mutex);
    if (handle.disk.is_dead(handle)) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle.file->size());
    return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int level) {
    FaultHandle& handle = handle_of(file);
    const std::lock_guard lock(handle.disk.mutex);
    if (handle.disk.is_dead(handle)) return SQLITE_IOERR_LOCK;
    return handle.file->locks.raise(&handle, handle.lock_level, level) ? SQLITE_OK : SQLITE_BUSY;
}

int unlock_file(sqlite3_file* file, int level) {
    FaultHandle& handle = handle_of(file);
    const std::lock_guard lock(handle.disk.mutex);
    if (!handle.disk.is_dead(handle)) handle.file->locks.lower(&handle, handle.lock_level, level);
    return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* is_reserved) {
    FaultHandle& handle = handle_of(file);
    const std::lock_guard lock(handle.disk.mutex);
    if (handle.disk.is_dead(handle)) return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *is_reserved = handle.file->locks.is_reserved() ? 1 : 0;
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }

int sector_size(sqlite3_file*) { return file_system_block; }

// What SQLite assumes of every disk by default: a torn write harms no byte outside it.
int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

FaultSharedMemory& shared_memory_of(FaultHandle& handle) {
    if (!handle.shared_memory) {
        if (!handle.file->shared_memory)
            handle.file->shared_memory = std::make_shared<FaultSharedMemory>();
        handle.shared_memory = handle.file->shared_memory;
        ++handle.shared_memory->users;
    }
    return *handle.shared_memory;
}

int map_shared_memory(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
    FaultHandle& handle = handle_of(file);
    std::unique_lock<std::mutex> lock;
    Verdict verdict{};
    *at = nullptr;
    const FaultDisk::Step step{Operation::shm, {}, region, static_cast<std::size_t>(size)};
    const int code = begin(handle, step, SQLITE_IOERR_SHMMAP, lock, verdict);
    if (code != SQLITE_OK) return code;
    FaultSharedMemory& memory = shared_memory_of(handle);
    const auto number = static_cast<std::size_t>(region);
    if (number >= memory.regions.size() && extend == 0) return SQLITE_OK;
    while (memory.regions.size() <= number)
        memory.regions.emplace_back(static_cast<std::size_t>(size));
    *at = memory.regions[number].data();
    return SQLITE_OK;
}

int lock_shared_memory(sqlite3_file* file, int first, int count, int flags) {
    FaultHandle& handle = handle_of(file);
    const std::lock_guard lock(handle.disk.mutex);
    const bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
    if (handle.disk.is_dead(handle)) return unlocks ? SQLITE_OK : SQLITE_IOERR_SHMLOCK;
    FaultSharedMemory& memory = shared_memory_of(handle);
    const FaultSharedMemory::Range range{static_cast<std::size_t>(first),
                                         static_cast<std::size_t>(first + count)};
    if (unlocks) {
        memory.unlock(&handle, handle.shared_locks, range);
        return SQLITE_OK;
    }
    const bool is_free = (flags & SQLITE_SHM_EXCLUSIVE) != 0
                             ? memory.lock_alone(&handle, handle.shared_locks, range)
                             : memory.lock_shared(handle.shared_locks, range);
    return is_free ? SQLITE_OK : SQLITE_BUSY;
}

void shared_memory_barrier(sqlite3_file* file) {
    const std::lock_guard lock(handle_of(file).disk.mutex);
}

int unmap_shared_memory(sqlite3_file* file, int) {
    FaultHandle& handle = handle_of(file);
    const std::lock_guard lock(handle.disk.mutex);
    const std::shared_ptr<FaultSharedMemory> memory = std::exchange(handle.shared_memory, nullptr);
    if (!memory || handle.disk.is_dead(handle)) return SQLITE_OK;
    memory->unlock(&handle, handle.shared_locks, {0, FaultSharedMemory::locks_max});
    if (--memory->users == 0) handle.file->shared_memory.reset();
    return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{.iVersion = 2,
                                     .xClose = close_file,
                                     .xRead = read_file,
                                     .xWrite = write_file,
                                     .xTruncate = truncate_file,
                                     .xSync = sync_file,
                                     .xFileSize = file_size,
                                     .xLock = lock_file,
                                     .xUnlock = unlock_file,
                                     .xCheckReservedLock = check_reserved_lock,
                                     .xFileControl = file_control,
                                     .xSectorSize = sector_size,
                                     .xDeviceCharacteristics = device_characteristics,
                                     .xShmMap = map_shared_memory,
                                     .xShmLock = lock_shared_memory,
                                     .xShmBarrier = shared_memory_barrier,
                                     .xShmUnmap = unmap_shared_memory,
                                     .xFetch = nullptr,
                                     .xUnfetch = nullptr};

State& disk_of(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* into, int flags, int* flags_out) {
    into->pMethods = nullptr;  // not to be closed when this fails
    State& disk = disk_of(vfs);
    const std::string name = path == nullptr ? "" : path;
    std::unique_lock<std::mutex> lock;
    const Verdict verdict = disk.begin({Operation::open, name}, lock, nullptr);
    if (verdict == Verdict::end) disk.come_to_the_end();
    if (verdict != Verdict::pass) return SQLITE_CANTOPEN;
    FaultFilePtr file = disk.find(name);
    const bool is_new = !file;
    if (is_new) {
        if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
        file = std::make_shared<FaultFile>();
        if (!name.empty()) disk.directory[name].seen = file;
    }
    auto handle = std::make_unique<FaultHandle>(
        FaultHandle{.disk = disk, .name = name, .file = std::move(file), .life = disk.life});
    handle->syncs_directory = is_new && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    reinterpret_cast<OpenFile*>(into)->handle = handle.release();
    into->pMethods = &methods;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
}

int remove_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    State& disk = disk_of(vfs);
    std::unique_lock<std::mutex> lock;
    const Verdict verdict = disk.begin({Operation::remove, path}, lock, nullptr);
    if (verdict == Verdict::end) disk.come_to_the_end();
    if (verdict != Verdict::pass) return SQLITE_IOERR_DELETE;
    const auto entry = disk.directory.find(path);
    if (entry == disk.directory.end() || !entry->second.seen) return SQLITE_IOERR_DELETE_NOENT;
    entry->second.seen.reset();
    if (sync_directory != 0 || !entry->second.durable) disk.directory.erase(entry);
    return SQLITE_OK;
}

// As on a real file system SQLite takes an empty file for none.
int access_file(sqlite3_vfs* vfs, const char* path, int flags, int* result) {
    State& disk = disk_of(vfs);
    const std::lock_guard lock(disk.mutex);
    const FaultFilePtr file = disk.find(path);
    *result = file && (flags != SQLITE_ACCESS_EXISTS || file->size() > 0) ? 1 : 0;
    return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* path, int size, char* into) {
    ::sqlite3_snprintf(size, into, "%s", path);
    return SQLITE_OK;
}

}  // namespace

void make_fault_vfs(State& disk) {
    const sqlite3_vfs* usual = ::sqlite3_vfs_find(nullptr);
    disk.vfs = *usual;  // its clock, randomness and sleep
    disk.vfs.iVersion = 2;
    disk.vfs.szOsFile = sizeof(OpenFile);
    disk.vfs.mxPathname = name_bytes_max;
    disk.vfs.pNext = nullptr;
    disk.vfs.zName = disk.name.c_str();
    disk.vfs.pAppData = &disk;
    disk.vfs.xOpen = open_file;
    disk.vfs.xDelete = remove_file;
    disk.vfs.xAccess = access_file;
    disk.vfs.xFullPathname = full_name;
}

}  // namespace souk::testing
