// The suites of this folder on SQLite.
#include "services/store/tests/on_sqlite.h"

#include "services/store/tests/room.h"

namespace souk::store {

INSTANTIATE_TEST_SUITE_P(sqlite, StoreRoomTest, ::testing::Values(Engine{"SQLite", &fresh_file}));

}  // namespace souk::store
