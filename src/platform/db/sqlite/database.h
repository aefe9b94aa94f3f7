// Database on a SQLite file: one Writer, some Readers.
#pragma once

#include "platform/db/database.h"

#include <memory>

namespace souk::db::sqlite {

std::unique_ptr<db::Database> open(const Place& place);

}  // namespace souk::db::sqlite
