// The sweep of store_sweep.h on SQLite, whose disk fails or which answers wrongly; and the
// migrations, which only a disk can break.
#include "flash/schema.h"
#include "platform/testing/fault_disk.h"
#include "platform/testing/flaky_database.h"
#include "services/flash/tests/faults/store_sweep.h"

#include <utility>

namespace souk::flash {
namespace {

using testing::Failing;
using testing::FaultDisk;

class OnDisk final : public BreakableDatabase {
public:
    explicit OnDisk(FaultDisk::Kind kind)
        : kind_(kind), database_(db::open({.file = "flash.db", .vfs = disk.vfs()})) {}

    void fail_nth(int n, bool lasts) override {
        disk.fail_nth(n, {.kind = kind_, .lasts = lasts, .only = {}});
    }
    int failures() const override { return disk.failures(); }
    void heal() override { disk.heal(); }
    db::Database& database() override { return *database_; }

    FaultDisk disk;

private:
    const FaultDisk::Kind kind_;
    std::unique_ptr<db::Database> database_;
};

class Flaky final : public FlakyBreakable {
public:
    Flaky(Failing how, std::unique_ptr<FaultDisk> disk)
        : FlakyBreakable(how, db::open({.file = "flash.db", .vfs = disk->vfs()})),
          disk_(std::move(disk)) {}
    ~Flaky() override { flaky_.close(); }

private:
    std::unique_ptr<FaultDisk> disk_;  // which never fails here
};

template <FaultDisk::Kind kind>
std::unique_ptr<BreakableDatabase> on_disk() {
    return std::make_unique<OnDisk>(kind);
}

template <Failing how>
std::unique_ptr<BreakableDatabase> flaky() {
    return std::make_unique<Flaky>(how, std::make_unique<FaultDisk>());
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(sqlite, StoreSweep,
                         ::testing::Values(Breakage{"disk error",
                                                    &on_disk<FaultDisk::Kind::io_error>},
                                           Breakage{"disk full", &on_disk<FaultDisk::Kind::full>},
                                           Breakage{"unavailable", &flaky<Failing::unavailable>},
                                           Breakage{"lost answer", &flaky<Failing::lost_answer>},
                                           Breakage{"refused", &flaky<Failing::refused>}));

TEST(MigrationSweep, whatever_operation_fails_the_next_try_ends_with_the_whole_schema) {
    testing::OnLoop loop;
    for (const bool lasts : {false, true}) {
        int failures = 1;
        for (int n = 0; failures > 0 && n < 500; ++n) {
            OnDisk world(FaultDisk::Kind::io_error);
            world.fail_nth(n, lasts);
            try {
                loop.wait(world.database().migrate(migrations()));
            } catch (const std::exception&) {
                EXPECT_GT(world.failures(), 0);
            }
            world.heal();
            failures = world.failures();
            loop.wait(world.database().migrate(migrations()));
            ASSERT_EQ(loop.wait(world.database().migrate(migrations())), 0);
            testing::FixedClock clock;
            Store store(world.database(), clock);
            EXPECT_EQ(loop.wait(store.open_sale("phone", 1)), 1U) << "operation " << n;
        }
        EXPECT_EQ(failures, 0);
    }
}

}  // namespace souk::flash
