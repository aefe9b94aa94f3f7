// Every writing operation with its n-th step failing, for every n: it is refused and nothing is
// stored, or, when only the answer was lost, all of it is.
#include "platform/cache/open.h"
#include "platform/jobs/jobs.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/seeded_random.h"
#include "services/store/confirmations.h"
#include "services/store/contact_forward.h"
#include "services/store/operations.h"
#include "services/store/tests/fakes.h"
#include "services/store/tests/on_sqlite.h"
#include "services/store/wire.h"
#include "store/schema.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <optional>
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
        for (const std::string key : {"one", "two", "new"}) take_message(key);
        loop.wait(database.write(fail_messages));
        loop.wait(database.write(insert_order));
        loop.wait(database.write(jobs::enqueue(confirm_kind, "7", clock.now())));
        loop.wait(database.write("UPDATE jobs SET state = 'given_up' WHERE payload <> 'new'"));
    }

    // A message of the contact form, with its job. "one" and "two" are then given up.
    void take_message(const std::string& key) {
        NewContact message{.name = "n", .email = "a@b.c", .subject = {}, .message = "m"};
        message.key = key;
        message.digest = key;
        message.is_forwarded = true;
        loop.wait(store_contact(database, message, clock.now()));
    }

    std::int64_t count(db::Sql sql) { return db::integer(loop.wait(database.read(sql))[0][0]); }

    // How many rows each table has, how much stock and cart there is, and how far messages are.
    std::string rows() {
        std::string all;
        for (const db::Sql& sql : counts) all += std::to_string(count(sql)) + " ";
        return all;
    }

    const Person bob{"bob@x", "Bob"};
    testing::OnLoop loop;
    testing::FixedClock clock;
    testing::SeededRandom random;
    metrics::Registry registry;
    testing::FlakyDatabase database{db::open(fresh_file())};
    std::unique_ptr<cache::Cache> cache = cache::local(clock);
    Store store{database, clock};
    ProductLists lists{cache.get(), store, registry};
    ListChanges list_changes{ListChanges::Cache::shared, lists, database, clock, random};
    ContactDesk contacts{
        {database, *cache, clock, random, true}
    };
    Metrics counters{registry};
    Operations operations{
        {store, lists, list_changes, contacts, counters,
         [this](std::int64_t id) {
             return jobs::enqueue("order.confirm", std::to_string(id), clock.now());
         }, [] {}}
    };

private:
    static constexpr db::Sql fail_messages = R"(
        UPDATE contact_messages SET delivery = 'failed', attempts = 5, last_error = 'x'
        WHERE key <> 'new')";
    static constexpr db::Sql insert_order = R"(
        INSERT INTO orders (id, user_id, name, address, phone, payment_method, total_amount, item_count,
                            created_at, digest)
        SELECT 7, id, 'n', 'a', '1', 'card', 1, 1, 0, 'd' FROM users WHERE email = 'bob@x')";
    static constexpr std::array<db::Sql, 17> counts{
        "SELECT count(*) FROM users",
        "SELECT count(*) FROM products",
        "SELECT count(*) FROM cart",
        "SELECT coalesce(sum(quantity), 0) FROM cart",
        "SELECT count(*) FROM reviews",
        "SELECT count(*) FROM contact_messages",
        "SELECT count(*) FROM orders",
        "SELECT sum(stock) FROM products",
        "SELECT count(*) FROM jobs",
        "SELECT count(*) FROM jobs WHERE state = 'waiting'",
        "SELECT count(*) FROM contact_recent",
        "SELECT count(*) FROM contact_messages WHERE delivery = 'pending'",
        "SELECT count(*) FROM contact_messages WHERE delivery = 'sent'",
        "SELECT sum(attempts) FROM contact_messages",
        "SELECT count(mailed_at) FROM contact_messages",
        "SELECT count(last_error) FROM contact_messages",
        "SELECT count(next_attempt_at) FROM contact_messages"};
};

constexpr db::Sql count_mailed = "SELECT count(mailed_at) FROM contact_messages";
constexpr db::Sql count_sent = "SELECT count(*) FROM contact_messages WHERE delivery = 'sent'";
// Messages that wait without exactly one job that waits, and others that have one.
constexpr db::Sql count_parted = R"(
    SELECT count(*) FROM contact_messages
    WHERE (SELECT count(*) FROM jobs WHERE payload = contact_messages.key AND state = 'waiting')
        <> (delivery = 'pending'))";

using Work = std::function<void(Shop&)>;

const std::map<std::string, Work>& works() {
    static const std::map<std::string, Work> all{
        {"create",
         [](Shop& shop) {
             shop.loop.wait(shop.operations.create({"new@x", "N"}, {"q", 1, "d", "c", 1, "u"}));
         }                                                                                            },
        {"add",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(shop.operations.change_cart({"new@x", "N"}, {1, 1})));
         }                                                                                            },
        {"take out",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(shop.operations.change_cart(shop.bob, {1, -2})));
         }                                                                                            },
        {"review",
         [](Shop& shop) {
             static_cast<void>(
                 shop.loop.wait(shop.operations.review({"new@x", "N"}, {1, "t", 5, "c"})));
         }                                                                                            },
        {"contact",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(
                 shop.operations.contact({.name = "n", .email = "a@b.c", .message = "m"})));
         }                                                                                            },
        {"checkout",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(
                 shop.operations.check_out(shop.bob, {"n", "a", "1", "card", "key", "digest"})));
         }                                                                                            },
        {"resend one",
         [](Shop& shop) {
             static_cast<void>(shop.loop.wait(resend_contacts(shop.database, 1, shop.clock.now())));
         }                                                                                            },
        {"resend confirmation",
         [](Shop& shop) {
             static_cast<void>(
                 shop.loop.wait(resend_confirmations(shop.database, 7, shop.clock.now())));
         }                                                                                            },
        {"note mailed",
         [](Shop& shop) { shop.loop.wait(note_mailed(shop.database, "new", shop.clock.now())); }      },
        {"note sent",           [](Shop& shop) { shop.loop.wait(note_sent(shop.database, "new", 2)); }},
        {"note failed",
         [](Shop& shop) {
             shop.loop.wait(note_failed(shop.database, "new",
                                        {.attempts = 1, .why = "x", .next = shop.clock.now()}));
         }                                                                                            },
        {"note given up",
         [](Shop& shop) {
             shop.loop.wait(note_failed(shop.database, "new",
                                        {.attempts = 5, .why = "x", .next = std::nullopt}));
         }                                                                                            },
        {"tidy",
         [](Shop& shop) {
             const core::Time later = shop.clock.now() + std::chrono::minutes(11);
             shop.loop.wait(forget_old_digests(shop.database, later));
         }                                                                                            },
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
            EXPECT_TRUE(rows == after || (rows == before && !done)) << name << n << ": " << rows;
            if (failures == 0) {
                EXPECT_TRUE(done) << name;
                break;
            }
        }
    }
}

// Each message is a transaction of its own.
TEST(Faults, sending_all_again_never_parts_a_message_from_its_job_and_can_be_taken_up) {
    const Work resend_all = [](Shop& shop) {
        static_cast<void>(
            shop.loop.wait(resend_contacts(shop.database, std::nullopt, shop.clock.now())));
    };
    Shop fine;
    resend_all(fine);
    const std::string wanted = fine.rows();
    for (const Failing how : {Failing::unavailable, Failing::refused, Failing::lost_answer}) {
        for (int n = 0;; ++n) {
            Shop shop;
            shop.database.fail_nth(n, how);
            const bool done = succeeds(shop, resend_all);
            const int failures = shop.database.failures();
            shop.database.heal();
            EXPECT_EQ(done, failures == 0) << n;
            EXPECT_EQ(shop.count(count_parted), 0) << n;
            if (done) {
                EXPECT_EQ(shop.rows(), wanted) << n;
                break;
            }
            EXPECT_TRUE(succeeds(shop, resend_all)) << n;
            EXPECT_EQ(shop.rows(), wanted) << n;
        }
    }
}

// The mail may go out twice only when it could not be noted that it had gone.
TEST(Faults, a_forwarding_that_breaks_off_is_finished_by_the_next_attempt) {
    for (const Failing how : {Failing::unavailable, Failing::refused, Failing::lost_answer}) {
        for (int n = 0;; ++n) {
            Shop shop;
            net::Client client;
            FakeMail mail;
            ContactForward forward(
                {shop.database, client, &mail, shop.clock, "owner@shop.example", ""});
            const std::vector<jobs::Kind> kinds = forward.kinds();
            const Work attempt = [&kinds](Shop& at) {
                at.loop.wait(kinds.at(0).work({3, forward_kind, "new", 1}));
            };
            shop.database.fail_nth(n, how);
            const bool done = succeeds(shop, attempt);
            shop.database.heal();
            const bool is_noted = shop.count(count_mailed) == 1;
            const std::size_t mails = mail.sent().size();
            EXPECT_TRUE(succeeds(shop, attempt)) << n;
            EXPECT_EQ(shop.count(count_sent), 1) << n;
            EXPECT_EQ(shop.count(count_mailed), 1) << n;
            EXPECT_EQ(mail.sent().size(), is_noted ? 1U : mails + 1) << n;
            if (done) break;
            EXPECT_LT(n, 3) << "a forwarding that never ends well";
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
        EXPECT_EQ(db::integer(shop.loop.wait(
                      shop.database.read("SELECT count(*) FROM orders WHERE id <> 7"))[0][0]),
                  1)
            << n;
    }
}

}  // namespace
}  // namespace souk::store
