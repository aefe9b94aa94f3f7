// The sweep of store_sweep.h on PostgreSQL behind a database that fails.
#include "platform/core/error.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/postgres.h"
#include "services/flash/tests/faults/store_sweep.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <stdexcept>

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

template <Failing how>
std::unique_ptr<BreakableDatabase> flaky() {
    return std::make_unique<FlakyBreakable>(how, db::open(fresh_schema()));
}

// The server is killed before the n-th call and comes back; only once, since each takes a while.
class Killed final : public FlakyBreakable {
public:
    Killed() : FlakyBreakable(Failing::killed, db::open(fresh_schema())) {
        flaky_.on_kill([] {
            // The server ends with the thread that has started it, so that is one which stays.
            static core::Loop keeper("keeper");
            const auto kill = boost::asio::use_future([] {
                testing::Postgres::shared().kill();
                testing::Postgres::shared().start();
            });
            boost::asio::post(keeper.context(), kill).get();
        });
    }
    void fail_nth(int n, bool) override { FlakyBreakable::fail_nth(n, false); }
    void heal() override {
        FlakyBreakable::heal();
        const bool answers = testing::comes_true([this] {
            try {
                loop_.wait(flaky_.read("SELECT 1"));
                return true;
            } catch (const core::Unavailable&) {
                return false;  // it still holds a connection to the one that was killed
            }
        });
        if (!answers) throw std::runtime_error("PostgreSQL did not come back");
    }

private:
    testing::OnLoop loop_;
};

std::unique_ptr<BreakableDatabase> killed() { return std::make_unique<Killed>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(postgres, StoreSweep,
                         ::testing::Values(Breakage{"unavailable", &flaky<Failing::unavailable>},
                                           Breakage{"lost answer", &flaky<Failing::lost_answer>},
                                           Breakage{"refused", &flaky<Failing::refused>},
                                           Breakage{"killed", &killed}));

}  // namespace souk::flash
