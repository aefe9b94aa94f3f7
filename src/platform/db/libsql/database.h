// Database on a libSQL server (Turso), over HTTP.
#pragma once

#include "platform/db/database.h"

#include <memory>

namespace souk::db::libsql {

std::unique_ptr<db::Database> open(const Place& place);

}  // namespace souk::db::libsql
