// The suite of store_test.h on PostgreSQL.
#include "platform/testing/postgres.h"
#include "services/flash/tests/store_test.h"

namespace souk::flash {
namespace {

db::Place fresh_schema() {
    static int schemas = 0;
    db::Place place;
    place.address = testing::Postgres::shared().address();
    place.schema = "flash_" + std::to_string(++schemas);
    place.connections_max = 3;
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(postgres, StoreTest,
                         ::testing::Values(Engine{"PostgreSQL", &fresh_schema}));

}  // namespace souk::flash
