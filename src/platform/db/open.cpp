#include "platform/db/database.h"
#include "platform/db/libsql/address.h"
#include "platform/db/libsql/database.h"
#include "platform/db/postgres/database.h"
#include "platform/db/sqlite/database.h"

#include <utility>

namespace souk::db {

std::unique_ptr<Database> open(Place place) {
    if (place.address.empty()) return sqlite::open(place);
    return libsql::is_address(place.address) ? libsql::open(place) : postgres::open(place);
}

}  // namespace souk::db
