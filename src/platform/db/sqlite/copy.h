// Copies a SQLite database, pages as they are, while others go on using it.
#pragma once

#include "platform/db/sqlite/connection.h"

#include <stop_token>
#include <string>

namespace souk::db::sqlite {

// Copies what `from` sees (with a read transaction open: what that one sees) into `file`, which is
// empty or not there yet, and syncs it. The copy needs no file beside it (no WAL).
// Throws core::Unavailable when it is told to stop.
void copy_into(Connection& from, const std::string& file, const std::stop_token& stop = {});

}  // namespace souk::db::sqlite
