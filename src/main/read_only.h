// A SQLite file for a command that only reads, beside a running program or without one: opened
// read-only and used on the caller's thread, so that its one writer stays alone.
#pragma once

#include "platform/db/database.h"

#include <chrono>
#include <memory>
#include <string>

namespace souk {

// Throws core::Unavailable when there is no such file or it cannot be opened.
std::unique_ptr<db::Database> open_read_only(const std::string& file,
                                             std::chrono::milliseconds patience);

}  // namespace souk
