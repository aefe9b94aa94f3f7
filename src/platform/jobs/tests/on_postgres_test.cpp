// The suites of jobs_test.h on PostgreSQL.
#include "platform/jobs/tests/jobs_test.h"
#include "platform/testing/postgres.h"

namespace souk::jobs {
namespace {

db::Place fresh_schema() {
    static int schemas = 0;
    db::Place place;
    place.address = souk::testing::Postgres::shared().address();
    place.schema = "jobs_" + std::to_string(++schemas);
    place.connections_max = 3;
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(postgres, JobsTest,
                         ::testing::Values(Engine{"PostgreSQL", &fresh_schema}));

}  // namespace souk::jobs
