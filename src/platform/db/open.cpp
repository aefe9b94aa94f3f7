#include "platform/db/database.h"
#include "platform/db/postgres/database.h"
#include "platform/db/sqlite/database.h"

#include <utility>

namespace souk::db {

std::unique_ptr<Database> open(Place place) {
    return place.address.empty() ? sqlite::open(place) : postgres::open(place);
}

}  // namespace souk::db
