// The table `jobs`: every statement on it, for both engines.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/jobs/jobs.h"
#include "platform/jobs/verdict.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace souk::jobs {

using Ids = std::vector<std::int64_t>;

// A job under our lease.
struct Taken {
    Job job;
    int lost = 0;  // earlier attempts nobody has heard the end of
    core::Time lease_until;
};

// Called on any loop.
class Table {
public:
    // `owner` tells this runner's leases from all others.
    Table(db::Database& database, const std::vector<Kind>& kinds, std::string owner);

    // Makes the rows of the kinds that are done for ever, as far as they are not there.
    core::Task<> add_schedules(core::Time now);

    // When the next job of a known kind may be taken; `except` are being done by us.
    core::Task<std::optional<core::Time>> next_due(Ids except);
    core::Task<std::vector<Taken>> take(std::size_t jobs_max, Ids except, core::Time now);

    core::Task<bool> is_ours(std::int64_t id);  // whether we have the lease still
    // Writes what became of a job we took; false when its lease was not ours any more.
    core::Task<bool> settle(std::int64_t id, Verdict verdict);

    core::Task<Figures> figures(core::Time now);
    // Waiting jobs of other kinds, written by another version of the program: kind and how many.
    core::Task<std::vector<std::pair<std::string, std::int64_t>>> unknown_kinds();

private:
    struct Schedule {
        std::string kind;
        std::int64_t every_ms;
    };

    db::Database& database_;
    std::vector<Schedule> schedules_;
    std::string leases_;  // {"contact.forward":60000,…}: the known kinds and their leases in ms
    std::string owner_;
};

}  // namespace souk::jobs
