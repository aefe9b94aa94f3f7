// Database on a PostgreSQL server.
#pragma once

#include "platform/db/database.h"

#include <memory>

namespace souk::db::postgres {

std::unique_ptr<db::Database> open(const Place& place);

}  // namespace souk::db::postgres
