// The suite of store_test.h on SQLite.
#include "platform/db/tests/temporary_folder.h"
#include "services/flash/tests/store_test.h"

namespace souk::flash {
namespace {

db::Place fresh_file() {
    static const db::TemporaryFolder folder;
    static int files = 0;
    db::Place place;
    place.file = folder.path() / ("store-" + std::to_string(++files) + ".db");
    place.schema = "flash";
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(sqlite, StoreTest, ::testing::Values(Engine{"SQLite", &fresh_file}));

}  // namespace souk::flash
