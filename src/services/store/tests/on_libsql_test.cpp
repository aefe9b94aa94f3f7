// The suites of this folder on a libSQL server.
#include "platform/testing/libsql.h"
#include "services/store/tests/room.h"

namespace souk::store {
namespace {

db::Place fresh_server() {
    testing::Libsql::shared().renew();
    db::Place place;
    place.address = testing::Libsql::shared().address();
    place.schema = "store";
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(libsql, StoreRoomTest, ::testing::Values(Engine{"libSQL", &fresh_server}));

}  // namespace souk::store
