// Where each service's rows live.
#pragma once

#include "main/settings.h"
#include "platform/db/database.h"

#include <chrono>
#include <memory>
#include <string>

namespace souk {

std::unique_ptr<db::Database> open_flash(const Config& config,
                                         metrics::Registry* metrics = nullptr);
std::unique_ptr<db::Database> open_store(const Config& config,
                                         metrics::Registry* metrics = nullptr);

// Store's tables are a SQLite file on this machine; which.
bool is_store_embedded(const Config& config);
std::string store_file(const Config& config);

// For commands that only read; SQLite as open_read_only has it.
std::unique_ptr<db::Database> open_flash_for_reading(const Config& config,
                                                     std::chrono::milliseconds patience);
std::unique_ptr<db::Database> open_store_for_reading(const Config& config,
                                                     std::chrono::milliseconds patience);

}  // namespace souk
