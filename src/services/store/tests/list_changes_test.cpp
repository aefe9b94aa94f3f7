// Lists in a cache that others read as well: each change leaves a job that drops them, should its
// writer not come to it.
#include "services/store/list_changes.h"

#include "services/store/tests/on_sqlite.h"
#include "services/store/tests/room.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr db::Sql count_drops = "SELECT count(*) FROM jobs WHERE kind = 'lists.drop'";

class ListChangesTest : public ::testing::Test {
protected:
    // Changes the rows behind the room's back, so that a kept list can be told from a new one.
    void change_price() { room_.loop.wait(room_.database.write("UPDATE products SET price = 2")); }

    bool shows_the_change() {
        return room_.get("/api/product").body.find(R"("price":2)") != std::string::npos;
    }

    // Jobs are not looked for again before somebody says so.
    void let_jobs_run() {
        room_.clock.advance(2s);
        room_.post("/api/contact",
                   R"({"name":"n","email":"a@b.example","subject":"","message":"m"})");
    }
    // False when it was the look for jobs that had no answer.
    bool creates_without_an_answer() {
        room_.database.fail_nth(0, testing::Failing::lost_answer);
        try {
            room_.product("b");
        } catch (const std::runtime_error&) {
            return true;
        }
        return false;
    }
    bool are_gone() {
        return testing::comes_true([this] { return room_.count(count_drops) == 0; });
    }

    Room room_{fresh_file(), {.shares_lists = true}};
};

// Where a page is kept, but can neither be dropped nor said to be.
class LostCache final : public cache::Cache {
public:
    core::Task<cache::Text> get(std::string) override { co_return nullptr; }
    core::Task<std::optional<std::int64_t>> generation(cache::Group) override {
        if (is_away) co_return std::nullopt;
        co_return 1;
    }
    core::Task<> put(cache::Group, cache::Entry, std::int64_t) override { co_return; }
    core::Task<> drop(cache::Group) override {
        ++drops;
        co_return;
    }
    core::Task<std::chrono::seconds> admit(std::vector<cache::Limit>) override { co_return 0s; }
    bool is_up() const override { return !is_away; }
    std::string describe() const override { return "a test's cache"; }

    bool is_away = true;
    int drops = 0;
};

}  // namespace

TEST_F(ListChangesTest, a_drop_that_was_done_is_not_done_again_by_its_job) {
    room_.product("a");
    EXPECT_EQ(room_.count(count_drops), 1);
    EXPECT_FALSE(shows_the_change());
    change_price();

    let_jobs_run();

    EXPECT_TRUE(are_gone());
    EXPECT_FALSE(shows_the_change()) << "the page is kept";
}

TEST_F(ListChangesTest, the_job_of_a_writer_that_was_killed_drops_the_lists) {
    room_.product("a");
    EXPECT_FALSE(shows_the_change());
    change_price();
    room_.loop.wait(
        room_.database.write(jobs::enqueue("lists.drop", "another-1", room_.clock.now())));

    let_jobs_run();

    EXPECT_TRUE(are_gone());
    EXPECT_TRUE(shows_the_change());
}

TEST_F(ListChangesTest, a_commit_without_an_answer_has_its_lists_dropped_by_its_job_as_well) {
    room_.product("a");
    let_jobs_run();
    EXPECT_TRUE(are_gone());
    ASSERT_TRUE(testing::comes_true([this] { return creates_without_an_answer(); }));
    EXPECT_FALSE(shows_the_change());
    change_price();
    EXPECT_FALSE(shows_the_change());

    let_jobs_run();

    EXPECT_TRUE(are_gone());
    EXPECT_TRUE(shows_the_change());
}

TEST_F(ListChangesTest, an_order_leaves_a_job_and_a_refused_one_does_not) {
    const std::int64_t product = room_.product("a", 1);
    room_.add(product, 1);
    const std::string order = R"({"name":"n","address":"a","phone":"1","payment_method":"card"})";
    EXPECT_EQ(room_.post("/api/checkout", order, "bob@shop.example").status, 200);
    EXPECT_EQ(room_.count(count_drops), 2);
    EXPECT_EQ(room_.post("/api/checkout", order, "bob@shop.example").status, 400);
    EXPECT_EQ(room_.count(count_drops), 2);
}

TEST(ListChanges, in_a_cache_of_their_own_owe_nothing) {
    Room room(fresh_file());
    room.product("a");
    EXPECT_EQ(room.count(count_drops), 0);
}

TEST(ListChanges, a_job_fails_until_the_lists_are_gone_or_have_passed_away) {
    testing::OnLoop loop;
    testing::FixedClock clock;
    testing::SeededRandom random;
    metrics::Registry registry;
    const std::unique_ptr<db::Database> database = db::open(fresh_file());
    Store store(*database, clock);
    LostCache cache;
    ProductLists lists(&cache, store, registry);
    loop.wait(database->migrate(jobs::migrations()));
    ListChanges changes(ListChanges::Cache::shared, lists, *database, clock, random);
    const jobs::Kind kind = changes.kind();
    const std::string id = changes.begin().id;
    loop.wait(changes.finish(id));
    jobs::Job job{.id = 1'000, .kind = kind.name, .payload = id, .attempt = 1};

    for (const char* another : {"another-1", "another-2"})
        loop.wait(database->write(jobs::enqueue(kind.name, another, clock.now())));
    EXPECT_THROW(loop.wait(kind.work(job)), core::Unavailable);
    EXPECT_EQ(cache.drops, 2);
    EXPECT_EQ(db::integer(loop.wait(database->read(count_drops))[0][0]), 0)
        << "this job does for all who have asked before it";
    job.attempt = static_cast<int>(kind.retry_after.size());
    EXPECT_THROW(loop.wait(kind.work(job)), core::Unavailable);
    ++job.attempt;
    loop.wait(kind.work(job));

    job.attempt = 2;
    cache.is_away = false;
    loop.wait(kind.work(job));
    std::chrono::seconds all{0};
    for (const std::chrono::seconds each : kind.retry_after) all += each;
    EXPECT_GE(all, ProductLists::life);
}

}  // namespace souk::store
