#include "platform/testing/fault_file.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace souk::testing {
namespace {

constexpr std::size_t sector = 512;

enum class Mood { keeps_all, keeps_none, keeps_beginning, keeps_some };

}  // namespace

bool FaultLocks::raise(const void* owner, int& level, int wanted) {
    if (level >= wanted) return true;
    if (level == SQLITE_LOCK_NONE) {
        if (is_pending_) return false;
        ++readers_;
        level = SQLITE_LOCK_SHARED;
    }
    if (wanted == SQLITE_LOCK_SHARED) return true;
    if (writer_ != nullptr && writer_ != owner) return false;
    writer_ = owner;
    if (wanted == SQLITE_LOCK_EXCLUSIVE) {
        is_pending_ = true;
        level = SQLITE_LOCK_PENDING;
        if (readers_ > 1) return false;
    }
    level = wanted;
    return true;
}

void FaultLocks::lower(const void* owner, int& level, int wanted) {
    if (level <= wanted) return;
    if (writer_ == owner) {
        writer_ = nullptr;
        is_pending_ = false;
    }
    if (wanted == SQLITE_LOCK_NONE) --readers_;
    level = wanted;
}

bool FaultSharedMemory::lock_shared(Held& held, Range range) {
    for (std::size_t i = range.begin; i < range.end; ++i) {
        if (alone_[i] != nullptr) return false;
    }
    for (std::size_t i = range.begin; i < range.end; ++i) {
        if (!std::exchange(held[i], true)) ++readers_[i];
    }
    return true;
}

bool FaultSharedMemory::lock_alone(const void* owner, const Held& held, Range range) {
    for (std::size_t i = range.begin; i < range.end; ++i) {
        const int others = readers_[i] - (held[i] ? 1 : 0);
        if (others > 0 || (alone_[i] != nullptr && alone_[i] != owner)) return false;
    }
    for (std::size_t i = range.begin; i < range.end; ++i) alone_[i] = owner;
    return true;
}

void FaultSharedMemory::unlock(const void* owner, Held& held, Range range) {
    for (std::size_t i = range.begin; i < range.end; ++i) {
        if (alone_[i] == owner) alone_[i] = nullptr;
        if (std::exchange(held[i], false)) --readers_[i];
    }
}

std::size_t FaultFile::read(std::size_t offset, std::span<unsigned char> into) const {
    if (offset >= now_.size()) return 0;
    const std::size_t count = std::min(into.size(), now_.size() - offset);
    std::copy_n(now_.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
    return count;
}

void FaultFile::write(std::size_t offset, std::span<const unsigned char> from) {
    changes_.push_back({.is_write = true, .at = offset, .bytes = Bytes(from.begin(), from.end())});
    apply(now_, changes_.back(), from.size());
}

void FaultFile::truncate(std::size_t size) {
    changes_.push_back({.is_write = false, .at = size, .bytes = {}});
    apply(now_, changes_.back(), 0);
}

void FaultFile::sync() {
    for (Change& change : changes_) {
        if (change.fate == Fate::open) change.fate = Fate::sure;
    }
    fold();
}

void FaultFile::fail_sync() {
    for (Change& change : changes_) {
        if (change.fate == Fate::open) change.fate = Fate::lost_cause;
    }
}

// What is sure can only be folded into the synced content when nothing before it is in doubt: it
// may lie over that.
void FaultFile::fold() {
    while (!changes_.empty() && changes_.front().fate == Fate::sure) {
        apply(synced_, changes_.front(), changes_.front().bytes.size());
        changes_.pop_front();
    }
}

void FaultFile::apply(Bytes& to, const Change& change, std::size_t bytes) {
    if (!change.is_write) {
        to.resize(change.at);
        return;
    }
    if (to.size() < change.at + bytes) to.resize(change.at + bytes);
    std::copy_n(change.bytes.begin(), bytes, to.begin() + static_cast<std::ptrdiff_t>(change.at));
}

void FaultFile::crash(std::mt19937_64& random) {
    const auto mood = static_cast<Mood>(random() % 4);
    const std::size_t beginning = changes_.empty() ? 0 : random() % (changes_.size() + 1);
    std::size_t number = 0;
    for (const Change& change : changes_) {
        const bool in_beginning = number++ < beginning;
        std::size_t bytes = change.bytes.size();
        if (change.fate != Fate::sure) {
            const std::uint64_t dice = random();
            if (mood == Mood::keeps_none) continue;
            if (mood == Mood::keeps_beginning && !in_beginning) continue;
            if (mood == Mood::keeps_some && dice % 2 == 0) continue;
            const bool torn = mood != Mood::keeps_all && change.is_write && dice / 2 % 4 == 0;
            if (torn) bytes = std::min(bytes, dice / 8 % (bytes / sector + 1) * sector);
        }
        apply(synced_, change, bytes);
    }
    changes_.clear();
    now_ = synced_;
    forget_owners();
}

void FaultFile::forget_owners() {
    locks = {};
    shared_memory.reset();
}

}  // namespace souk::testing
