// The suites of this folder on PostgreSQL.
#include "platform/testing/postgres.h"
#include "services/store/tests/room.h"

namespace souk::store {
namespace {

db::Place fresh_schema() {
    static int schemas = 0;
    db::Place place;
    place.address = testing::Postgres::shared().address();
    place.schema = "store_" + std::to_string(++schemas);
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(postgres, StoreRoomTest,
                         ::testing::Values(Engine{"PostgreSQL", &fresh_schema}));

}  // namespace souk::store
