// The sweep of store_sweep.h on PostgreSQL behind a database that fails.
#include "platform/testing/flaky_database.h"
#include "platform/testing/postgres.h"
#include "services/flash/tests/faults/store_sweep.h"

namespace souk::flash {
namespace {

using testing::Failing;

db::Place fresh_schema() {
    static int schemas = 0;
    db::Place place;
    place.address = testing::Postgres::shared().address();
    place.schema = "sweep_" + std::to_string(++schemas);
    place.connections_max = 2;
    return place;
}

class Flaky final : public BreakableDatabase {
public:
    explicit Flaky(Failing how) : how_(how) {}

    void fail_nth(int n, bool lasts) override {
        if (lasts) {
            database_.fail_from(n, how_);
        } else {
            database_.fail_nth(n, how_);
        }
    }
    int failures() const override { return database_.failures(); }
    void heal() override { database_.heal(); }
    db::Database& database() override { return database_; }

private:
    const Failing how_;
    testing::FlakyDatabase database_{db::open(fresh_schema())};
};

template <Failing how>
std::unique_ptr<BreakableDatabase> flaky() {
    return std::make_unique<Flaky>(how);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(postgres, StoreSweep,
                         ::testing::Values(Breakage{"unavailable", &flaky<Failing::unavailable>},
                                           Breakage{"lost answer", &flaky<Failing::lost_answer>},
                                           Breakage{"refused", &flaky<Failing::refused>}));

}  // namespace souk::flash
