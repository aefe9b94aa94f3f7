// The suites of jobs_test.h on SQLite.
#include "platform/jobs/tests/jobs_test.h"

namespace souk::jobs {
namespace {

db::Place fresh_file() {
    db::Place place = souk::testing::fresh_file("test");
    place.connections_max = 3;
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(sqlite, JobsTest, ::testing::Values(Engine{"SQLite", &fresh_file}));

}  // namespace souk::jobs
