// Applies migrations to a SQLite file, on its writer connection.
#pragma once

#include "platform/db/migrations.h"
#include "platform/db/sqlite/connection.h"

namespace souk::db::sqlite {

int migrate(Connection& connection, Migrations migrations);  // how many were applied

}  // namespace souk::db::sqlite
