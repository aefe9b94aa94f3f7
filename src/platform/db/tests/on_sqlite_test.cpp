// The suite of database_test.h on SQLite.
#include "platform/db/tests/database_test.h"

namespace souk::db {
namespace {

Place fresh_file() {
    Place place = souk::testing::fresh_file("test");
    place.connections_max = 3;
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(sqlite, DatabaseTest, ::testing::Values(Engine{"SQLite", &fresh_file}));

}  // namespace souk::db
