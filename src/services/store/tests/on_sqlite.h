// A database file of its own for each test.
#pragma once

#include "platform/db/database.h"

namespace souk::store {

db::Place fresh_file();

}  // namespace souk::store
