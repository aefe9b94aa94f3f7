// Applies migrations to a PostgreSQL schema, on a connection of its own.
#pragma once

#include "platform/db/migrations.h"
#include "platform/db/postgres/link.h"
#include "platform/db/reply.h"

#include <memory>
#include <string>

namespace souk::db::postgres {

// Makes the schema when there is none. `link` is not connected yet and is closed at the end.
core::Task<> migrate(std::shared_ptr<Link> link, std::string schema, Migrations migrations,
                     Reply<int> reply);

}  // namespace souk::db::postgres
