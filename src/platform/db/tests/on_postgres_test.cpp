// The suite of database_test.h on PostgreSQL, and what only concerns an engine that is elsewhere.
// SOUK_TEST_POSTGRES=postgres://... uses a server that runs already; those that kill it are skipped
// then.
#include "platform/db/tests/database_test.h"
#include "platform/testing/postgres.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>

namespace souk::db {
namespace {

const char* given_address() { return std::getenv("SOUK_TEST_POSTGRES"); }

Place fresh_schema() {
    static int schemas = 0;
    Place place;
    place.address =
        given_address() != nullptr ? given_address() : souk::testing::Postgres::shared().address();
    place.schema = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++schemas);
    place.connections_max = 3;
    return place;
}

// Empty when a read works. Asked on the loop, which owns the exception.
core::Task<std::string> why_down(Database& db) {
    try {
        co_await db.read("SELECT 1");
    } catch (const core::Unavailable& down) {
        co_return down.what();
    }
    co_return "";
}

}  // namespace

class PostgresTest : public DatabaseTest {
protected:
    // The outcome of one read, for polling.
    bool is_up() {
        try {
            return wait(db_->read("SELECT 1")).size() == 1;
        } catch (const core::Unavailable&) {
            return false;
        }
    }

    bool comes_up() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (std::chrono::steady_clock::now() < deadline) {
            if (is_up()) return true;
        }
        return false;
    }
};

TEST_P(PostgresTest, an_engine_that_is_killed_and_comes_back_loses_nothing_that_was_promised) {
    if (given_address() != nullptr) GTEST_SKIP() << "a server that is not ours is not killed";
    souk::testing::Postgres& server = souk::testing::Postgres::shared();
    std::atomic<int> next = 0;
    std::atomic<int> promised = 0;
    const auto insert_until_it_fails = [&next, &promised](Database& db) -> core::Task<> {
        for (;;) {
            const int id = next++;
            Statement insert = statement("INSERT INTO thing (id) VALUES ($1)", id);
            if (id % 2 == 0) {
                std::vector<Statement> all_of_it;
                all_of_it.push_back(std::move(insert));
                co_await db.write_all(std::move(all_of_it));
            } else {
                Transaction transaction = co_await db.begin();
                co_await transaction.run(std::move(insert));
                co_await transaction.commit();
            }
            ++promised;
        }
    };
    std::vector<std::future<void>> all;
    for (std::size_t i = 0; i < 6; ++i) all.push_back(start(insert_until_it_fails(*db_), i % 3));
    while (promised < 50) std::this_thread::yield();

    server.kill();
    for (std::future<void>& one : all) EXPECT_THROW(one.get(), core::Unavailable);
    EXPECT_FALSE(is_up());
    EXPECT_FALSE(is_up());
    server.start();

    EXPECT_TRUE(comes_up());
    const std::int64_t stored = count("SELECT count(*) FROM thing");
    EXPECT_GE(stored, promised);
    EXPECT_LE(stored, promised + 6);
    wait(db_->write("INSERT INTO thing (id) VALUES ($1)", -1));
}

TEST_P(PostgresTest, a_claim_is_lost_with_the_engine_and_can_be_taken_again) {
    if (given_address() != nullptr) GTEST_SKIP() << "a server that is not ours is not killed";
    const std::unique_ptr<Database> other = open(place_);
    ASSERT_TRUE(wait(db_->claim("it")));
    souk::testing::Postgres::shared().kill();
    EXPECT_THROW(wait(db_->claim("it")), core::Unavailable);
    souk::testing::Postgres::shared().start();
    EXPECT_TRUE(wait(other->claim("it")));
    EXPECT_FALSE(wait(db_->claim("it")));
}

TEST_P(PostgresTest, idle_connections_that_the_server_closes_are_replaced_without_an_error) {
    ASSERT_TRUE(is_up());
    const std::unique_ptr<Database> other = open(place_);
    constexpr Sql end_others =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'souk' "
        "AND pid <> pg_backend_pid()";
    constexpr Sql count_others =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'souk' AND pid <> "
        "pg_backend_pid()";
    wait(other->read(end_others));
    while (integer(wait(other->read(count_others))[0][0]) > 0) std::this_thread::yield();
    EXPECT_TRUE(comes_up());
}

TEST_P(PostgresTest, nobody_is_at_the_address) {
    Place nowhere = place_;
    nowhere.address = "postgres://postgres@127.0.0.1:1/none";
    const std::unique_ptr<Database> db = open(nowhere);
    for (int i = 0; i < 3; ++i) EXPECT_THROW(wait(db->read("SELECT 1")), core::Unavailable);
    EXPECT_THROW(wait(db->claim("it")), core::Unavailable);
    EXPECT_THROW(wait(db->migrate(migrations())), core::Unavailable);
}

TEST_P(PostgresTest, a_password_is_told_by_neither_description_nor_failure) {
    Place nowhere = place_;
    for (const char* address :
         {"postgres://me:geheim@127.0.0.1:1/none", "postgres://me@127.0.0.1:1/none?password=geheim",
          "postgres://127.0.0.1:1/none?user=me&password=geheim&sslpassword=geheim"}) {
        nowhere.address = address;
        const std::unique_ptr<Database> db = open(nowhere);
        EXPECT_EQ(db->describe(), "PostgreSQL at 127.0.0.1:1/none");
        const std::string failure = wait(why_down(*db));
        EXPECT_FALSE(failure.empty()) << "somebody was there";
        EXPECT_EQ(failure.find("geheim"), std::string::npos) << failure;
    }
}

TEST_P(PostgresTest, a_malformed_address_is_refused_without_naming_a_password) {
    Place place = place_;
    for (const char* address :
         {"postgres://me:ge/geheim@db/none", "postgres://me:geheim@db/none?password",
          "postgres://db/none?password=geheim=geheim", "postgres://db/none?pass=geheim",
          "postgres://me:geheim%zz@db/none", "postgres://me:ge@geheim@db:x/none"}) {
        place.address = address;
        try {
            open(place);
            ADD_FAILURE() << address;
        } catch (const std::invalid_argument& wrong) {
            EXPECT_EQ(std::string_view(wrong.what()).find("geheim"), std::string_view::npos);
        }
    }
}

TEST_P(PostgresTest, more_transactions_than_connections_wait_for_their_turn) {
    Place hasty = place_;
    hasty.connections_max = 1;
    hasty.timeout_ms = 200;
    const std::unique_ptr<Database> db = open(hasty);
    const auto hold_two = [](Database& both) -> core::Task<> {
        const Transaction one = co_await both.begin();
        const Transaction other = co_await both.begin();
    };
    EXPECT_THROW(wait(hold_two(*db)), core::Unavailable);
    EXPECT_EQ(wait(db->read("SELECT 1")).size(), 1U);
}

TEST_P(PostgresTest, types_of_the_server_become_values) {
    constexpr Sql every_type =
        "SELECT 1::smallint, 2::int, 3::bigint, 0.5::real, true, false, 12.50::numeric, "
        "'x'::char(1), NULL::int";
    EXPECT_EQ(wait(db_->read(every_type))[0], values(1, 2, 3, 0.5, 1, 0, "12.50", "x", Null()));
    EXPECT_THROW(wait(db_->write("INSERT INTO thing (id, name) VALUES (1, $1)", "\xFF")), Refused);
    EXPECT_EQ(text(wait(db_->read("SHOW synchronous_commit"))[0][0]), "on");
}

INSTANTIATE_TEST_SUITE_P(postgres, PostgresTest,
                         ::testing::Values(Engine{"PostgreSQL", &fresh_schema}));
INSTANTIATE_TEST_SUITE_P(postgres, DatabaseTest,
                         ::testing::Values(Engine{"PostgreSQL", &fresh_schema}));

}  // namespace souk::db
