// Where each service's rows live.
#pragma once

#include "main/settings.h"
#include "platform/db/database.h"

#include <memory>

namespace souk {

inline std::unique_ptr<db::Database> open_flash(const Config& config,
                                                metrics::Registry* metrics = nullptr) {
    // A second is the longest that flash lets anyone wait for its database (spec 2.4, 7).
    return db::open({.address = config.flash.database_url,
                     .file = config.data_dir + "/flash.db",
                     .schema = "flash",
                     .timeout_ms = 1'000,
                     .metrics = metrics});
}

}  // namespace souk
