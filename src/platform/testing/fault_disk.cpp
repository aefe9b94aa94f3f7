#include "platform/testing/fault_disk.h"

#include "platform/testing/fault_state.h"

#include <atomic>
#include <iterator>
#include <random>
#include <stdexcept>
#include <utility>

namespace souk::testing {

FaultDisk::State::State() {
    static std::atomic<int> number{0};
    name = "fault-disk-" + std::to_string(++number);
    make_fault_vfs(*this);
    if (::sqlite3_vfs_register(&vfs, 0) != SQLITE_OK)
        throw std::runtime_error("SQLite does not take the VFS " + name);
}

FaultDisk::State::~State() { ::sqlite3_vfs_unregister(&vfs); }

FaultDisk::State::Verdict FaultDisk::State::begin(const Step& step,
                                                  std::unique_lock<std::mutex>& lock,
                                                  const FaultHandle* handle) {
    lock = std::unique_lock(mutex);
    if (const auto told = hook) {
        lock.unlock();
        (*told)(step);
        lock.lock();
    }
    if (is_off || (handle != nullptr && is_dead(*handle))) return Verdict::fail;
    ++operations;
    if (end && end->passes_before-- == 0) return Verdict::end;
    if (!fault || (fault->only && *fault->only != step.operation)) return Verdict::pass;
    if (passes_before_fault > 0) {
        --passes_before_fault;
        return Verdict::pass;
    }
    if (failures > 0 && !fault->lasts) return Verdict::pass;
    ++failures;
    return fault->kind == Kind::full ? Verdict::full : Verdict::fail;
}

void FaultDisk::State::come_to_the_end() {
    const std::optional<std::uint64_t> seed = end->seed;
    end.reset();
    is_off = true;
    if (seed) {
        crash(*seed);
    } else {
        kill();
    }
}

void FaultDisk::State::crash(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (auto entry = directory.begin(); entry != directory.end();) {
        auto& [seen, durable] = entry->second;
        if (seen != durable && random() % 2 == 0) seen = durable;
        durable = seen;
        if (seen) seen->crash(random);
        entry = seen ? std::next(entry) : directory.erase(entry);
    }
    ++life;
}

void FaultDisk::State::kill() {
    for (auto& [file, entry] : directory) {
        if (entry.seen) entry.seen->forget_owners();
    }
    ++life;
}

FaultFilePtr FaultDisk::State::find(const std::string& file) const {
    const auto entry = directory.find(file);
    return entry == directory.end() ? nullptr : entry->second.seen;
}

// A file that was synced can be found again, too. SQLite syncs the directory along with a journal
// or WAL that it has made.
void FaultDisk::State::sync(FaultHandle& handle) {
    if (handle.name == unsynced_file) return;
    if (syncs_to_skip > 0 && syncs_before_skip-- <= 0) {
        --syncs_to_skip;
        ++skips;
        return;
    }
    handle.file->sync();
    const bool whole_directory = std::exchange(handle.syncs_directory, false);
    for (auto& [file, entry] : directory) {
        if (whole_directory || entry.seen == handle.file) entry.durable = entry.seen;
    }
    if (whole_directory)
        std::erase_if(directory, [](const auto& each) { return !each.second.seen; });
}

void FaultDisk::State::release(FaultHandle& handle) {
    if (is_dead(handle)) return;
    handle.file->locks.lower(&handle, handle.lock_level, SQLITE_LOCK_NONE);
}

FaultDisk::FaultDisk() : state_(std::make_unique<State>()) {}

FaultDisk::~FaultDisk() = default;

const char* FaultDisk::vfs() const { return state_->name.c_str(); }

void FaultDisk::crash(std::uint64_t seed) {
    const std::lock_guard lock(state_->mutex);
    state_->crash(seed);
}

void FaultDisk::kill() {
    const std::lock_guard lock(state_->mutex);
    state_->kill();
}

void FaultDisk::crash_at(int n, std::uint64_t seed) {
    const std::lock_guard lock(state_->mutex);
    state_->end = {.passes_before = n, .seed = seed};
}

void FaultDisk::kill_at(int n) {
    const std::lock_guard lock(state_->mutex);
    state_->end = {.passes_before = n, .seed = std::nullopt};
}

void FaultDisk::fail_nth(int n, Fault fault) {
    const std::lock_guard lock(state_->mutex);
    state_->fault = fault;
    state_->passes_before_fault = n;
    state_->failures = 0;
}

void FaultDisk::heal() {
    const std::lock_guard lock(state_->mutex);
    state_->fault.reset();
    state_->end.reset();
    state_->is_off = false;
}

void FaultDisk::skip_syncs_of(std::string file) {
    const std::lock_guard lock(state_->mutex);
    state_->unsynced_file = std::move(file);
}

void FaultDisk::skip_nth_sync(int n, int times) {
    const std::lock_guard lock(state_->mutex);
    state_->syncs_before_skip = n;
    state_->syncs_to_skip = times;
}

int FaultDisk::skips() const {
    const std::lock_guard lock(state_->mutex);
    return state_->skips;
}

void FaultDisk::on_step(std::function<void(const Step&)> hook) {
    const std::lock_guard lock(state_->mutex);
    state_->hook =
        hook ? std::make_shared<const std::function<void(const Step&)>>(std::move(hook)) : nullptr;
}

int FaultDisk::operations() const {
    const std::lock_guard lock(state_->mutex);
    return state_->operations;
}

int FaultDisk::failures() const {
    const std::lock_guard lock(state_->mutex);
    return state_->failures;
}

bool FaultDisk::is_off() const {
    const std::lock_guard lock(state_->mutex);
    return state_->is_off;
}

std::optional<std::string> FaultDisk::content(const std::string& file) const {
    const std::lock_guard lock(state_->mutex);
    const FaultFilePtr found = state_->find(file);
    if (!found) return std::nullopt;
    return std::string(found->bytes().begin(), found->bytes().end());
}

void FaultDisk::put(const std::string& file, const std::string& bytes) {
    const std::lock_guard lock(state_->mutex);
    const auto made = std::make_shared<FaultFile>();
    made->write(0, Bytes(bytes.begin(), bytes.end()));
    made->sync();
    state_->directory[file] = {.seen = made, .durable = made};
}

}  // namespace souk::testing
