// What libSQL's errors mean to a caller.
#pragma once

#include "platform/db/failure.h"

#include <string_view>

namespace souk::db::libsql {

// Codes are not standardised: most servers send SQLite's names (SQLITE_BUSY), some none at all, so
// the message is looked at as well.
Failure failure(std::string_view code, std::string_view message, std::string_view sql);

// Another program holds the database's write lock.
bool is_busy(std::string_view code, std::string_view message);

}  // namespace souk::db::libsql
