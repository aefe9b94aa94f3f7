// A backup of the program: what its services keep in the data directory, in one file
// (docs/decisions/0009-backup.md). Both functions block: not for event loops.
#pragma once

#include "main/backup/report.h"
#include "main/settings.h"
#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "services/flash/backup.h"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace souk::archive {

struct Summary {
    std::optional<flash::BackupSummary> flash;  // none: nothing of it was there
    bool has_store = false;                     // its tables; they can be elsewhere
};

BackupReport report_of(const Summary& summary, const std::string& file);

// Of these services. Throws std::runtime_error when nothing is there or `file` exists,
// core::Unavailable when something cannot be read or written.
BackupReport make(const Config& config, const std::vector<std::string>& services,
                  const std::string& file, const core::Clock& clock,
                  const std::stop_token& stop = {});

// Checks everything, then calls `begin`, which makes and locks the data directory, and only then
// writes there. Throws std::runtime_error with a message for people.
Summary restore(const Config& config, const std::string& file,
                const std::function<void(const Summary&)>& begin, const core::Clock& clock,
                core::Random& random);

}  // namespace souk::archive
