// What every engine must do at its edges: migrations, claims, deadlines, and ends in any order.
#include "platform/db/tests/database_test.h"
#include "platform/metrics/registry.h"
#include "platform/testing/comes_true.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <future>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

namespace souk::db {
namespace {

constexpr Sql insert_thing = "INSERT INTO thing (id, name) VALUES ($1, $2)";
constexpr Sql count_things = "SELECT count(*) FROM thing";
constexpr Sql never_ends =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

// Numbers 3 and 4: 1 and 2 are those of tests/schema, which the fixture has applied.
constexpr Migration with_both(std::string_view text) { return {3, "third", text, text}; }
constexpr std::array third{
    with_both("CREATE TABLE third (id BIGINT PRIMARY KEY); INSERT INTO third VALUES (1);")};
constexpr std::array broken{
    with_both("CREATE TABLE third (id BIGINT PRIMARY KEY); INSERT INTO nowhere VALUES (1);")};

// Number 1 of another part of the same database.
constexpr std::array first_of_another{
    Migration{1, "first", "CREATE TABLE another (id BIGINT PRIMARY KEY)",
              "CREATE TABLE another (id BIGINT PRIMARY KEY)"}
};

std::vector<Migration> after_first_two(Migrations known, std::span<const Migration> more) {
    std::vector<Migration> all(known.begin(), known.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

core::Task<> count_until_it_is_too_late(Database& db) {
    Transaction transaction = co_await db.begin();
    co_await transaction.run(insert_thing, 1, "late");
    for (;;) co_await transaction.run(count_things);
}

core::Task<> insert_and_wait_for_ever(Database& db, std::promise<void>& inserted) {
    Transaction transaction = co_await db.begin();
    co_await transaction.run(insert_thing, 1, "never committed");
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor,
                                    std::chrono::steady_clock::time_point::max());
    inserted.set_value();
    co_await timer.async_wait(boost::asio::use_awaitable_t<core::Executor>());
}

core::Task<> insert_in_a_transaction(Database& db, int id) {
    Transaction transaction = co_await db.begin();
    co_await transaction.run(insert_thing, id, "inserted");
    co_await transaction.commit();
}

core::Task<> nothing_more() { co_return; }

core::Task<std::string> why_not(Database& db, Migrations migrations) {
    try {
        co_await db.migrate(migrations);
    } catch (const std::runtime_error& error) {
        co_return error.what();
    }
    co_return "it was migrated";
}

}  // namespace

TEST_P(DatabaseTest, migrations_are_applied_once) {
    const std::vector<Migration> all = after_first_two(migrations(), third);
    EXPECT_EQ(wait(db_->migrate(migrations())), 0);
    EXPECT_EQ(wait(db_->migrate(all)), 1);
    EXPECT_EQ(wait(db_->migrate(all)), 0);
    EXPECT_EQ(count("SELECT count(*) FROM third"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM souk_migrations"), 3);
}

// Table, columns and checksum are those of the databases that people have.
TEST_P(DatabaseTest, what_was_applied_is_noted_as_older_programs_noted_it) {
    const Rows noted =
        wait(db_->read("SELECT number, name, checksum FROM souk_migrations ORDER BY number"));
    ASSERT_EQ(noted.size(), 2U);
    EXPECT_EQ(noted[0], values(1, "things", "1b852c0d0ca55156"));
}

TEST_P(DatabaseTest, each_set_of_migrations_has_numbers_of_its_own) {
    const Migrations another(first_of_another, "another");
    EXPECT_EQ(wait(db_->migrate(another)), 1);
    EXPECT_EQ(wait(db_->migrate(another)), 0);
    EXPECT_EQ(wait(db_->migrate(after_first_two(migrations(), third))), 1);
    EXPECT_EQ(count("SELECT count(*) FROM another"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM souk_migrations"), 3);
    EXPECT_THROW(wait(db_->migrate(Migrations(first_of_another, "no; name"))), std::logic_error);
}

TEST_P(DatabaseTest, a_migration_that_fails_leaves_nothing) {
    EXPECT_ANY_THROW(wait(db_->migrate(after_first_two(migrations(), broken))));
    EXPECT_EQ(wait(db_->migrate(after_first_two(migrations(), third))), 1);
}

TEST_P(DatabaseTest, an_edited_or_unknown_migration_stops_the_start) {
    std::vector<Migration> edited(migrations().begin(), migrations().end());
    edited[0].sqlite = edited[0].postgres = "CREATE TABLE other (id BIGINT)";
    EXPECT_THROW(wait(db_->migrate(edited)), std::runtime_error);
    EXPECT_THROW(wait(db_->migrate(migrations().first(1))), std::runtime_error);
    EXPECT_NE(wait(why_not(*db_, edited)).find("was changed after"), std::string::npos);
}

TEST_P(DatabaseTest, two_programs_that_migrate_at_once_apply_each_migration_once) {
    const Place place = GetParam().fresh_place();
    const std::vector<Migration> all = after_first_two(migrations(), third);
    const std::unique_ptr<Database> one = open(place);
    const std::unique_ptr<Database> other = open(place);
    std::future<int> by_one = start(one->migrate(all), 0);
    std::future<int> by_other = start(other->migrate(all), 1);
    EXPECT_EQ(by_one.get() + by_other.get(), 3);
    EXPECT_EQ(integer(wait(other->read("SELECT count(*) FROM third"))[0][0]), 1);
}

TEST_P(DatabaseTest, a_claim_is_held_by_one_program_until_it_ends) {
    std::unique_ptr<Database> other = open(place_);
    if (place_.address.starts_with("http")) {  // a libSQL server keeps nothing for anybody
        EXPECT_THROW(wait(db_->claim("the only one")), std::logic_error);
        return;
    }
    EXPECT_TRUE(wait(db_->claim("the only one")));
    EXPECT_TRUE(wait(db_->claim("the only one")));
    EXPECT_TRUE(wait(db_->claim("another")));
    if (place_.address.empty()) {
        EXPECT_TRUE(
            wait(other->claim("the only one")));  // the lock of the data directory sees to it
        return;
    }
    EXPECT_FALSE(wait(other->claim("the only one")));
    db_.reset();
    EXPECT_TRUE(testing::comes_true([&] { return wait(other->claim("the only one")); }));
}

// False when the engine is busy still.
core::Task<bool> is_written(Database& db, int id) {
    try {
        co_await db.write(insert_thing, id, "in time");
        co_return true;
    } catch (const core::Unavailable&) {
        co_return false;
    }
}

// Only a libSQL server that was asked and not waited for any more keeps the lock for a while: for
// as long as it lets a stream idle.
TEST_P(DatabaseTest, a_transaction_that_stays_open_is_rolled_back) {
    Place hasty = place_;
    hasty.timeout_ms = 600;
    const std::unique_ptr<Database> db = open(hasty);
    EXPECT_THROW(wait(count_until_it_is_too_late(*db)), core::Unavailable);
    EXPECT_EQ(count(count_things), 0);
    const std::chrono::seconds patience(GetParam().name == "libSQL" ? 30 : 0);
    const auto until = std::chrono::steady_clock::now() + patience;
    for (int id = 1; !wait(is_written(*db, id)); ++id)
        ASSERT_LT(std::chrono::steady_clock::now(), until);
}

TEST_P(DatabaseTest, a_statement_that_takes_too_long_is_broken_off) {
    Place hasty = place_;
    hasty.timeout_ms = 600;
    const std::unique_ptr<Database> db = open(hasty);
    EXPECT_THROW(wait(db->read(never_ends)), core::Unavailable);
    EXPECT_EQ(integer(wait(db->read(count_things))[0][0]), 0);
}

TEST_P(DatabaseTest, closing_answers_everybody) {
    std::vector<std::future<Rows>> all;
    for (int id = 0; id < 300; ++id) {
        all.push_back(start(db_->write(insert_thing, id, std::to_string(id)),
                            static_cast<std::size_t>(id) % 3));
        all.push_back(start(db_->read(count_things), static_cast<std::size_t>(id) % 3));
    }
    for (std::size_t loop = 0; loop < loops_.size(); ++loop)
        wait(nothing_more(), loop);  // all have been asked
    db_.reset();
    int answered = 0;
    for (std::future<Rows>& one : all) {
        try {
            answered += one.get().rows.empty() ? 1 : 0;
        } catch (const core::Unavailable&) {
            continue;
        }
    }
    db_ = open(place_);
    EXPECT_GE(count(count_things), answered);
}

TEST_P(DatabaseTest, loops_that_end_first_and_transactions_that_end_last_do_no_harm) {
    core::Loops loops = core::make_loops(2);
    std::promise<void> inserted;
    const auto nothing = [](const std::exception_ptr&) {};
    boost::asio::co_spawn(loops[0]->context(), insert_and_wait_for_ever(*db_, inserted), nothing);
    inserted.get_future().wait();
    for (int id = 10; id < 50; ++id) {
        const auto ignore = [](const std::exception_ptr&, const Rows&) {};
        boost::asio::co_spawn(loops[1]->context(), db_->read(count_things), ignore);
    }
    for (const auto& loop : loops) loop->stop();
    for (const auto& loop : loops) loop->join();
    db_.reset();
    loops.clear();

    db_ = open(place_);
    EXPECT_EQ(count(count_things), 0);
}

TEST_P(DatabaseTest, a_transaction_destroyed_on_any_thread_rolls_back) {
    const auto insert_and_hand_out = [](Database& db) -> core::Task<std::unique_ptr<Transaction>> {
        auto transaction = std::make_unique<Transaction>(co_await db.begin());
        co_await transaction->run(insert_thing, 1, "handed out");
        co_return transaction;
    };
    wait(insert_and_hand_out(*db_)).reset();
    wait(db_->write(insert_thing, 1, "free again"));
    EXPECT_EQ(count(count_things), 1);
}

TEST_P(DatabaseTest, the_commits_of_transactions_and_of_write_all_are_timed) {
    metrics::Registry registry;
    Place measured = place_;
    measured.metrics = &registry;
    const std::unique_ptr<Database> db = open(measured);
    wait(db->write_all({statement(insert_thing, 1, "one"), statement(insert_thing, 2, "two")}));
    wait(insert_in_a_transaction(*db, 3));
    const std::string text = registry.text();
    const std::string counted =
        "souk_db_commit_seconds_count{database=\"" + place_.schema + "\"} 2\n";
    EXPECT_NE(text.find(counted), std::string::npos) << text;
}

TEST_P(DatabaseTest, an_address_is_described_without_its_password) {
    EXPECT_EQ(db_->describe().find("postgres@"), std::string::npos);
    Place secret;
    secret.address = "postgres://me:secret@db.example:5433/shop";
    secret.schema = "test";
    EXPECT_EQ(open(secret)->describe(), "PostgreSQL at db.example:5433/shop");
    secret.address = "libsql://shop.example";
    secret.token = "secret";
    EXPECT_EQ(open(secret)->describe(), "libSQL at shop.example");
    secret.address = "mysql://db.example";
    EXPECT_THROW(open(secret), std::invalid_argument);
}

}  // namespace souk::db
