// Every writing operation with its n-th step failing, for every n: it is refused and nothing is
// stored, or, when only the answer was lost, all of it is.
#include "platform/cache/open.h"
#include "platform/jobs/jobs.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/seeded_random.h"
#include "services/store/operations.h"
#include "services/store/tests/on_loop.h"
#include "services/store/tests/on_sqlite.h"
#include "services/store/wire.h"
#include "store/schema.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace souk::store {
namespace {

using testing::Failing;

// The operations alone: nothing in the background comes between.
class Shop {
public:
    Shop() {
        loop.wait(database.migrate(migrations()));
        loop.wait(database.migrate(jobs::migrations()));
        operations.open();
        loop.wait(operations.create({"owner@x", "O"}, {"p", 1, "d", "c", 5, "u"}));
        static_cast<void>(loop.wait(operations.change_cart(bob, {1, 2})));
    }

    // How many rows each table has, and how much stock and cart there is.
    std::string rows() {
        std::string all;
        for (const db::Sql& sql : counts)
            all += std::to_string(db::integer(loop.wait(database.read(sql))[0][0])) + " ";
        return all;
    }

    const Person bob{"bob@x", "Bob"};
    OnLoop loop;
    testing::FixedClock clock;
    testing::SeededRandom random;
    metrics::Registry registry;
    testing::FlakyDatabase database{db::open(fresh_file())};
    std::unique_ptr<cache::Cache> cache = cache::local(clock);
    Store store{database, clock};
    ProductLists lists{cache.get(), store, registry};
    ContactDesk contacts{
        {database, *cache, clock, random, true}
    };
    Metrics counters{registry};
    Operations operations{
        {store, lists, contacts, counters,
         [this](std::int64_t id) {
             return jobs::enqueue("order.confirm", std::to_string(id), clock.now());
         }, [] {}}
    };

private:
    static constexpr std::array<db::Sql, 9> counts{
        "SELECT count(*) FROM users",   "SELECT count(*) FROM products",
        "SELECT count(*) FROM cart",    "SELECT coalesce(sum(quantity), 0) FROM cart",
        "SELECT count(*) FROM reviews", "SELECT count(*) FROM contact_messages",
        "SELECT count(*) FROM orders",  "SELECT sum(stock) FROM products",
        "SELECT count(*) FROM jobs"};
};

using Work = std::function<void(Shop&)>;

const std::map<std::string, Work>& works() {
    static const std::map<std::string, Work> all{
        {"create",
         [](Shop& shop) {
             shop.loop.wait(shop.operations.create({"new@x", "N"}, {"q", 1, "d", "c", 1, "u"}));
         }},
        {"add",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(shop.operations.change_cart({"new@x", "N"}, {1, 1})));
         }},
        {"take out",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(shop.operations.change_cart(shop.bob, {1, -2})));
         }},
        {"review",
         [](Shop& shop) {
             static_cast<void>(
                 shop.loop.wait(shop.operations.review({"new@x", "N"}, {1, "t", 5, "c"})));
         }},
        {"contact",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(
                 shop.operations.contact({.name = "n", .email = "a@b.c", .message = "m"})));
         }},
        {"checkout",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(
                 shop.operations.check_out(shop.bob, {"n", "a", "1", "card", "key", "digest"})));
         }},
    };
    return all;
}

bool succeeds(Shop& shop, const Work& work) {
    try {
        work(shop);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

TEST(Faults, a_step_that_fails_leaves_all_as_it_was_and_the_next_try_succeeds) {
    for (const auto& [name, work] : works()) {
        Shop fine;
        work(fine);
        const std::string wanted = fine.rows();
        for (const Failing how : {Failing::unavailable, Failing::refused}) {
            for (int n = 0;; ++n) {
                Shop shop;
                const std::string before = shop.rows();
                shop.database.fail_nth(n, how);
                const bool done = succeeds(shop, work);
                const int failures = shop.database.failures();
                shop.database.heal();
                if (failures == 0) {
                    EXPECT_TRUE(done) << name;
                    break;
                }
                EXPECT_FALSE(done) << name << n;
                EXPECT_EQ(shop.rows(), before) << name << " step " << n;
                EXPECT_TRUE(succeeds(shop, work)) << name << n;
                EXPECT_EQ(shop.rows(), wanted) << name << " step " << n;
            }
        }
    }
}

TEST(Faults, an_answer_that_is_lost_stands_for_all_or_nothing) {
    for (const auto& [name, work] : works()) {
        Shop fine;
        const std::string before = fine.rows();
        work(fine);
        const std::string after = fine.rows();
        for (int n = 0;; ++n) {
            Shop shop;
            shop.database.fail_nth(n, Failing::lost_answer);
            const bool done = succeeds(shop, work);
            const int failures = shop.database.failures();
            shop.database.heal();
            const std::string rows = shop.rows();
            EXPECT_TRUE(rows == before || rows == after) << name << n << ": " << rows;
            if (failures == 0) {
                EXPECT_TRUE(done) << name;
                break;
            }
        }
    }
}

TEST(Faults, a_list_is_not_kept_beyond_a_write_whose_answer_was_lost) {
    for (const std::string name : {"create", "checkout"}) {
        for (int n = 0;; ++n) {
            Shop shop;
            shop.loop.wait(shop.operations.list({}));
            shop.database.fail_nth(n, Failing::lost_answer);
            const bool done = succeeds(shop, works().at(name));
            shop.database.heal();
            const std::vector<Product> stored = shop.loop.wait(shop.store.list({}));
            EXPECT_EQ(*shop.loop.wait(shop.operations.list({})), write_list(stored)) << name << n;
            if (done) break;
        }
    }
}

TEST(Faults, a_checkout_whose_answer_was_lost_can_be_asked_again_with_its_key) {
    const Work& checkout = works().at("checkout");
    for (int n = 0; n < 30; ++n) {
        Shop shop;
        shop.database.fail_nth(n, Failing::lost_answer);
        succeeds(shop, checkout);
        shop.database.heal();
        EXPECT_TRUE(succeeds(shop, checkout));
        EXPECT_EQ(
            db::integer(shop.loop.wait(shop.database.read("SELECT count(*) FROM orders"))[0][0]), 1)
            << n;
    }
}

}  // namespace
}  // namespace souk::store
