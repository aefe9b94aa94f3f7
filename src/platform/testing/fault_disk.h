// A disk in memory behind a SQLite VFS of its own, which fails, loses power and forgets as a test
// says. Files are named as they are opened ("log.db", "log.db-wal"); any number of connections and
// threads may use them at once, in WAL mode too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace souk::testing {

class FaultDisk {
public:
    enum class Operation { open, write, sync, truncate, remove, shm };
    enum class Kind { io_error, full };

    struct Step {
        Operation operation;
        std::string file;
        std::int64_t offset = 0;
        std::size_t bytes = 0;
    };

    struct Fault {
        Kind kind = Kind::io_error;
        bool lasts = false;             // from that operation on, until heal()
        std::optional<Operation> only;  // the others neither count nor fail
    };

    FaultDisk();
    ~FaultDisk();  // after every connection to it
    FaultDisk(const FaultDisk&) = delete;
    FaultDisk& operator=(const FaultDisk&) = delete;

    const char* vfs() const;  // the name SQLite knows it by

    // The power fails, and is back at once. Of what was not synced, each write stays, is dropped or
    // is torn after some sectors, as the seed has it; so a later one may be there without an
    // earlier. What is open now gets errors until it is closed.
    void crash(std::uint64_t seed);

    // The process is killed: as a crash, but the operating system still has every write.
    void kill();

    // `n` operations pass, and in the next the power fails, or the process is killed. Until heal()
    // nothing can be opened, so that the program that is "dead" does not go on.
    void crash_at(int n, std::uint64_t seed);
    void kill_at(int n);

    // `n` operations pass, and the next fails: a write after its first half, a sync in such a way
    // that a later one, though it says so, does not make these writes durable either (Linux).
    void fail_nth(int n, Fault fault);
    void heal();  // the power is back, and nothing of the above is set any more

    // From now on syncs of this file say that they worked and do nothing. "" ends it.
    void skip_syncs_of(std::string file);
    // The same for single ones: `n` syncs are done, whatever the file, and the next ones are not.
    void skip_nth_sync(int n, int times = 1);

    // Called before every operation, on its thread and without a lock; may call what is above.
    void on_step(std::function<void(const Step&)> hook);

    int operations() const;  // since the disk was made
    int skips() const;       // syncs left out by skip_nth_sync
    int failures() const;    // operations failed by fail_nth, since it was set
    bool is_off() const;     // crash_at or kill_at came true, and heal() was not called since

    // For damaging files that nobody has open, and for looking. What is put is durable.
    std::optional<std::string> content(const std::string& file) const;
    void put(const std::string& file, const std::string& bytes);

    struct State;

private:
    const std::unique_ptr<State> state_;
};

}  // namespace souk::testing
