// The suites of jobs_test.h on SQLite.
#include "platform/db/tests/temporary_folder.h"
#include "platform/jobs/tests/jobs_test.h"

namespace souk::jobs {
namespace {

db::Place fresh_file() {
    static const db::TemporaryFolder folder;
    static int files = 0;
    db::Place place;
    place.file = folder.path() / ("jobs-" + std::to_string(++files) + ".db");
    place.schema = "test";
    place.connections_max = 3;
    return place;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(sqlite, JobsTest, ::testing::Values(Engine{"SQLite", &fresh_file}));

}  // namespace souk::jobs
