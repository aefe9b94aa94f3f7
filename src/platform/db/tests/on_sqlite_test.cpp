// The suite of database_test.h on SQLite.
#include "platform/db/tests/database_test.h"
#include "platform/db/tests/temporary_folder.h"

namespace souk::db {
namespace {

Place fresh_file() {
    static const TemporaryFolder folder;
    static int files = 0;
    Place place;
    place.file = folder.path() / ("test-" + std::to_string(++files) + ".db");
    place.schema = "test";
    place.connections_max = 3;
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(sqlite, DatabaseTest, testing::Values(Backend{"SQLite", &fresh_file}));

}  // namespace souk::db
