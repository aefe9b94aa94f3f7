// Applies migrations to the database of a libSQL server.
#pragma once

#include "platform/db/libsql/server.h"
#include "platform/db/migrations.h"

namespace souk::db::libsql {

core::Task<int> migrate(Server& server, Migrations migrations);  // how many were applied

}  // namespace souk::db::libsql
