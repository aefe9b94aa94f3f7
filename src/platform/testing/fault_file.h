// One file of a FaultDisk: what everybody reads, what the disk would still have after a power cut,
// and SQLite's locks and shared memory on it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace souk::testing {

using Bytes = std::vector<unsigned char>;

// The locks of SQLite's file format: many readers, one who reserves, one alone.
class FaultLocks {
public:
    bool raise(const void* owner, int& level, int wanted);  // false: busy
    void lower(const void* owner, int& level, int wanted);
    bool is_reserved() const { return writer_ != nullptr; }

private:
    int readers_ = 0;
    const void* writer_ = nullptr;  // holds RESERVED or more
    bool is_pending_ = false;       // the writer lets no new reader in
};

// The -shm of a WAL database. A handle of a process that "died" keeps its own, so that its pointers
// stay good.
class FaultSharedMemory {
public:
    static constexpr std::size_t locks_max = 8;
    using Held = std::array<bool, locks_max>;  // what one handle shares
    struct Range {
        std::size_t begin;
        std::size_t end;
    };

    // False: busy, and nothing has changed.
    bool lock_shared(Held& held, Range range);
    bool lock_alone(const void* owner, const Held& held, Range range);
    void unlock(const void* owner, Held& held, Range range);

    std::deque<Bytes> regions;
    int users = 0;

private:
    std::array<int, locks_max> readers_{};
    std::array<const void*, locks_max> alone_{};
};

class FaultFile {
public:
    std::size_t size() const { return now_.size(); }
    const Bytes& bytes() const { return now_; }

    std::size_t read(std::size_t offset, std::span<unsigned char> into) const;
    void write(std::size_t offset, std::span<const unsigned char> from);
    void truncate(std::size_t size);
    void sync();
    void fail_sync();  // what is unsynced now stays so, whatever later syncs say

    // The power fails: what is not synced stays, goes or is torn.
    void crash(std::mt19937_64& random);
    void forget_owners();

    FaultLocks locks;
    std::shared_ptr<FaultSharedMemory> shared_memory;

private:
    enum class Fate { open, lost_cause, sure };
    struct Change {
        bool is_write;
        std::size_t at;  // offset of a write, size of a truncation
        Bytes bytes;
        Fate fate = Fate::open;
    };

    static void apply(Bytes& to, const Change& change, std::size_t bytes);
    void fold();

    Bytes now_;
    Bytes synced_;
    std::deque<Change> changes_;  // since synced_, oldest first
};

}  // namespace souk::testing
