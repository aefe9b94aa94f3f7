// The suites of jobs_test.h on a libSQL server.
#include "platform/jobs/tests/jobs_test.h"
#include "platform/testing/libsql.h"

namespace souk::jobs {
namespace {

db::Place fresh_database() {
    souk::testing::Libsql::shared().renew();
    db::Place place;
    place.address = souk::testing::Libsql::shared().address();
    place.schema = "test";
    place.connections_max = 3;
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(libsql, JobsTest, ::testing::Values(Engine{"libSQL", &fresh_database}));

}  // namespace souk::jobs
