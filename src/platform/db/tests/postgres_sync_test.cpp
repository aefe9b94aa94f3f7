// A server that dies between the result of a statement and the sync behind it has not made the
// transaction durable, whatever the result says.
#include "platform/core/error.h"
#include "platform/db/database.h"
#include "platform/db/tests/broken_way.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/postgres.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace souk::db {
namespace {

constexpr Sql insert_thing = "INSERT INTO sync_thing (id) VALUES ($1)";
constexpr Sql count_things = "SELECT count(*) FROM sync_thing";

class PostgresSync : public ::testing::Test {
protected:
    void SetUp() override {
        if (std::getenv("SOUK_TEST_POSTGRES") != nullptr)
            GTEST_SKIP() << "the way to a server that is not ours is not known";
        const std::string address = souk::testing::Postgres::shared().address();
        way_ = std::make_unique<BrokenWay>(std::stoi(address.substr(address.rfind(':') + 1)));
        database_ =
            open({.address = "postgres://postgres@127.0.0.1:" + std::to_string(way_->port()) +
                             "/postgres?sslmode=disable",
                  .connections_max = 1});
        loop_.wait(database_->write("DROP TABLE IF EXISTS sync_thing"));
        loop_.wait(database_->write("CREATE TABLE sync_thing (id BIGINT PRIMARY KEY)"));
    }

    std::int64_t count() { return integer(loop_.wait(database_->read(count_things))[0][0]); }

    static std::vector<Statement> two_things() {
        std::vector<Statement> both;
        both.push_back(statement(insert_thing, 1));
        both.push_back(statement(insert_thing, 2));
        return both;
    }

    souk::testing::OnLoop loop_;
    std::unique_ptr<BrokenWay> way_;
    std::unique_ptr<Database> database_;  // goes before the loop
};

core::Task<> insert_and_break(Database& database, BrokenWay& way) {
    Transaction transaction = co_await database.begin();
    co_await transaction.run(insert_thing, 1);
    way.break_after(1);
    co_await transaction.commit();
}

TEST_F(PostgresSync, a_write_whose_sync_was_not_answered_is_not_done) {
    way_->break_after(1);
    EXPECT_THROW(loop_.wait(database_->write(insert_thing, 1)), core::Unavailable);
    EXPECT_EQ(way_->breaks(), 1) << "the result had come";
    EXPECT_EQ(count(), 0);
    loop_.wait(database_->write(insert_thing, 1));
    EXPECT_EQ(count(), 1);
}

TEST_F(PostgresSync, statements_whose_sync_was_not_answered_are_not_done) {
    for (const int results : {1, 2}) {
        way_->break_after(results);
        EXPECT_THROW(loop_.wait(database_->write_all(two_things())), core::Unavailable) << results;
        EXPECT_EQ(way_->breaks(), results);
        EXPECT_EQ(count(), 0) << results;
    }
    loop_.wait(database_->write_all(two_things()));
    EXPECT_EQ(count(), 2);
}

// Here the server has committed, though nobody can know: as after every commit without an answer.
TEST_F(PostgresSync, a_commit_whose_sync_was_not_answered_is_told_as_unknown) {
    EXPECT_THROW(loop_.wait(insert_and_break(*database_, *way_)), core::Unavailable);
    EXPECT_EQ(way_->breaks(), 1);
    EXPECT_LE(count(), 1);
    loop_.wait(database_->write(insert_thing, 2));
}

}  // namespace
}  // namespace souk::db
