// One file that holds the order log and, with SQLite, the tables, as they were at one moment
// (docs/decisions/0009-backup.md). Both functions block: not for event loops.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace souk::flash {

struct BackupSummary {
    bool has_tables = false;  // false: they are in PostgreSQL
    std::int64_t orders = 0;
    std::int64_t log_records = 0;
    std::int64_t made_at_ms = 0;
    std::string log;                   // its name when it was saved
    std::string restored_log;          // its name now; another when the tables are elsewhere
    std::int64_t newest_position = 0;  // of the log
};

// Writes a new file that only this user can read, and syncs it; what goes on in the meantime goes
// on. Throws std::runtime_error when `file` exists, core::Unavailable when something cannot be read
// or written, or it is told to stop; then there is no file.
BackupSummary back_up(const std::string& data_dir, bool has_tables, const std::string& file,
                      const core::Clock& clock, const std::stop_token& stop = {});

// Checks all of the archive, then calls `begin` (which makes and locks the directory), and only
// then writes. The directory must hold no data of flash. A log without tables gets a new name: they
// may be ahead of it, and its next records must not pass for old ones. Throws std::runtime_error
// with a message for people.
BackupSummary restore(const std::string& file, const std::string& data_dir,
                      const std::function<void(const BackupSummary&)>& begin,
                      const core::Clock& clock, core::Random& random);

}  // namespace souk::flash
