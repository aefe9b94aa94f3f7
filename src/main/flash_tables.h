// The tables of flash for a command that only reads: beside a running program or without one.
#pragma once

#include "main/settings.h"
#include "platform/db/database.h"

#include <chrono>
#include <memory>

namespace souk {

// SQLite's file is opened read-only and on the caller's thread, so that its one writer stays alone.
// Throws core::Unavailable when there is no such file or it cannot be opened.
std::unique_ptr<db::Database> open_flash_for_reading(const Config& config,
                                                     std::chrono::milliseconds patience);

}  // namespace souk
