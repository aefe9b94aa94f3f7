// When a shop may begin on a database that another log has served.
#include "services/flash/shop.h"

#include "flash/schema.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/seeded_random.h"
#include "platform/testing/temporary_folder.h"
#include "services/flash/gate_memory.h"
#include "services/flash/tests/memory_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr db::Sql count_quantity =
    "SELECT count(*) FROM pragma_table_info('products') WHERE name = 'quantity'";

class ShopTest : public ::testing::Test {
protected:
    // As another program left it, with the first `migrations_max` migrations.
    void serve_another(std::size_t migrations_max) {
        loop_.wait(database_.migrate(migrations().first(migrations_max)));
        loop_.wait(store_.serve("another log"));
    }
    void start(bool takes_over) {
        Config config;
        config.take_over = takes_over;
        shop_ = std::make_unique<Shop>(
            config, Shop::Borrowed{gate_, log_, database_, clock_, random_, registry_});
        for (core::Task<>& task : shop_->tasks()) running_.push_back(loop_.start(std::move(task)));
    }
    void stop() {
        shop_->stop();
        for (std::future<void>& task : running_) testing::OnLoop::finish(std::move(task));
    }

    testing::OnLoop loop_;  // outlives what waits on it
    testing::TemporaryFolder folder_;
    testing::FixedClock clock_;
    testing::SeededRandom random_;
    metrics::Registry registry_;
    testing::FlakyDatabase database_{db::open({.file = folder_.path() / "flash.db"})};
    Store store_{database_, clock_};
    MemoryGate gate_{60s, clock_, random_};
    MemoryLog log_;
    std::unique_ptr<Shop> shop_;
    std::vector<std::future<void>> running_;
};

TEST_F(ShopTest, a_program_that_may_not_serve_the_database_does_not_migrate_it) {
    serve_another(migrations().size() - 1);
    start(false);
    EXPECT_TRUE(testing::comes_true([this] { return shop_->component_down() == "database"; }));
    stop();
    EXPECT_EQ(db::integer(loop_.wait(database_.read(count_quantity))[0][0]), 0);
    EXPECT_EQ(loop_.wait(store_.serving()), "another log");
}

TEST_F(ShopTest, a_database_without_tables_is_nobodys) {
    start(false);
    EXPECT_TRUE(testing::comes_true([this] { return shop_->component_down().empty(); }));
    EXPECT_EQ(loop_.wait(store_.serving()), log_.identity());
    stop();
}

// The other may still sell: the first try wrote down that the database is ours, had no answer, and
// did not wait.
TEST_F(ShopTest, a_take_over_waits_for_the_other_program_at_a_second_try_as_well) {
    serve_another(migrations().size());
    database_.fail_nth(0, testing::Failing::lost_answer);  // its first statement: serve()
    const auto began = std::chrono::steady_clock::now();
    start(true);
    EXPECT_TRUE(testing::comes_true([this] { return shop_->component_down().empty(); }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 3s);
    EXPECT_EQ(database_.failures(), 1);
    stop();
}

TEST_F(ShopTest, a_claim_that_was_lost_for_a_moment_ends_no_sale) {
    start(false);
    ASSERT_TRUE(testing::comes_true([this] { return shop_->operations.is_open(); }));

    database_.hold_claims(true);
    EXPECT_TRUE(testing::comes_true([this] { return !shop_->operations.is_open(); }));
    database_.hold_claims(false);

    EXPECT_TRUE(testing::comes_true([this] { return shop_->operations.is_open(); }));
    stop();
}

TEST_F(ShopTest, a_database_that_another_has_served_meanwhile_is_not_sold_from_again) {
    start(false);
    ASSERT_TRUE(testing::comes_true([this] { return shop_->operations.is_open(); }));
    database_.hold_claims(true);
    ASSERT_TRUE(testing::comes_true([this] { return !shop_->operations.is_open(); }));

    loop_.wait(store_.serve("another log"));
    database_.heal();  // counts from now
    database_.hold_claims(false);
    ASSERT_TRUE(testing::comes_true([this] { return database_.calls() > 0; }))
        << "nobody looks again";
    stop();

    EXPECT_FALSE(shop_->operations.is_open());
}

}  // namespace
}  // namespace souk::flash
