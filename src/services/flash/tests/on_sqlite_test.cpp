// The suite of store_test.h on SQLite.
#include "services/flash/tests/store_test.h"

namespace souk::flash {

INSTANTIATE_TEST_SUITE_P(sqlite, StoreTest,
                         ::testing::Values(Engine{"SQLite",
                                                  [] { return testing::fresh_file("flash"); }}));

}  // namespace souk::flash
