// Background work that is not lost: rows of a table `jobs` in the service's own database, taken
// under a lease, tried again with back-off and jitter. At least once: work must bear being done
// twice.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/loop.h"
#include "platform/core/random.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/metrics/registry.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace souk::jobs {

constexpr std::size_t payload_bytes_max = 64 * 1024;

struct Job {
    std::int64_t id = 0;
    std::string kind;
    std::string payload;
    int attempt = 1;  // this one; the first is 1
};

struct Kind {
    std::string name;                               // "contact.forward"
    std::function<core::Task<>(Job)> work;          // an exception is a failed attempt
    std::vector<std::chrono::seconds> retry_after;  // attempt 1, 2, …; when used up: given up
    // After a failed attempt (`why`: short, printable) that is tried again at `next` (nullopt:
    // given up). Runs before the job's row says so, perhaps twice; core::Unavailable makes it run
    // again, other exceptions are logged. May be empty.
    std::function<core::Task<>(Job, std::string why, std::optional<core::Time> next)> failed;
    // Others may take the job when this is over, so `work` should end before. In this process it is
    // never done twice at the same time.
    std::chrono::seconds lease{60};
    // Not 0: one job of this kind for ever, this often. It is never given up: when `retry_after` is
    // used up its next time comes.
    std::chrono::seconds every{0};
};

// The migrations of the table; every service with jobs applies them beside its own.
db::Migrations migrations();

// One step of a transaction of the room: the job exists if and only if that commits. Then call
// wake(). Throws std::length_error when the payload is over payload_bytes_max.
db::Statement enqueue(std::string kind, std::string payload, core::Time now);

// A given-up job waits again, with all its attempts before it. Rows changed: 1, or 0 when there is
// none. Then call wake().
db::Statement retry(std::int64_t id, core::Time now);
db::Statement retry(std::string kind, std::string payload, core::Time now);

// All other jobs of this one's kind that wait and that nobody has: for work that does at once what
// many ask for. It has to be carried out before that work, since what it removes is known to have
// been asked for before.
db::Statement forget_others(const Job& job);

struct Figures {
    std::int64_t waiting = 0;   // or being done; without the kinds that are done for ever
    std::int64_t given_up = 0;  // kept until somebody says retry
    std::int64_t unknown = 0;   // of `waiting`: of kinds this program does not know, left alone
    std::chrono::seconds oldest{0};  // how long the longest due one has been due
};

struct Deps {
    db::Database& database;
    core::Loop& loop;  // where the work runs
    const core::Clock& clock;
    core::Random& random;
    metrics::Registry& metrics;
};

// The destructor waits for nothing but a step of the loop: what runs goes on without the Runner,
// and what becomes of it is written nowhere. The loop must be running then, or have been joined.
class Runner {
public:
    struct Options {
        std::string service;  // for logs and metrics
        int at_once_max = 8;
        // Longest sleep: other processes may have left jobs in the table.
        std::chrono::milliseconds poll{5000};
    };
    Runner(Options options, Deps deps, std::vector<Kind> kinds);
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    void start();  // after the migrations, once
    void wake();   // any thread: something may be due
    // No new job is taken; what runs is waited for. False when `patience` was too short: the leases
    // see to the rest.
    bool stop(std::chrono::milliseconds patience);

    core::Task<Figures> figures();  // on any loop

private:
    class Parts;
    std::shared_ptr<Parts> parts_;  // shared with what runs on the loop
};

}  // namespace souk::jobs
