#include "platform/db/tests/database_test.h"

#include "db_test/schema.h"

#include <future>
#include <limits>
#include <vector>

namespace souk::db {
namespace {

constexpr Sql insert_thing = "INSERT INTO thing (id, name, weight) VALUES ($1, $2, $3)";
constexpr Sql insert_if_new =
    "INSERT INTO thing (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
constexpr Sql select_thing = "SELECT id, name, weight FROM thing WHERE id = $1";
constexpr Sql count_things = "SELECT count(*) FROM thing";
constexpr Sql insert_step = "INSERT INTO step (who, nth) VALUES ($1, $2)";

core::Task<> insert_and_commit(Database& db, int id) {
    Transaction transaction = co_await db.begin();
    co_await transaction.run(insert_thing, id, "thing " + std::to_string(id), 1.5);
    co_await transaction.commit();
}

core::Task<> insert_and_leave(Database& db, int id) {
    Transaction transaction = co_await db.begin();
    co_await transaction.run(insert_thing, id, "left", 1.5);
}

}  // namespace

DatabaseTest::DatabaseTest() : place_(GetParam().fresh_place()), db_(open(place_)) {
    wait(db_->migrate(migrations()));
}

Migrations DatabaseTest::migrations() { return db_test::migrations(); }

std::int64_t DatabaseTest::count(Sql sql) { return integer(wait(db_->read(sql))[0][0]); }

TEST_P(DatabaseTest, values_of_every_kind_come_back_as_they_went_in) {
    const std::string odd_text = "it's \"quoted\" \\ $1 % \xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x99\n";
    const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    const std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

    wait(db_->write(insert_thing, largest, odd_text, 0.1));
    wait(db_->write(insert_thing, smallest, "", Null{}));
    wait(db_->write(insert_thing, 0, Null{}, 1e300));

    EXPECT_EQ(wait(db_->read(select_thing, largest))[0], values(largest, odd_text, 0.1));
    EXPECT_EQ(wait(db_->read(select_thing, smallest))[0], values(smallest, "", Null{}));
    EXPECT_EQ(wait(db_->read(select_thing, 0))[0], values(0, Null{}, 1e300));
    EXPECT_TRUE(wait(db_->read(select_thing, 1)).empty());
}

TEST_P(DatabaseTest, parameters_go_by_number_not_by_order) {
    constexpr Sql backwards =
        "INSERT INTO thing (name, id, weight) VALUES ($2, $1, $3) RETURNING name, id";
    const Rows inserted = wait(db_->write(backwards, 7, "seven", 0.0));
    ASSERT_EQ(inserted.size(), 1U);
    EXPECT_EQ(inserted[0], values("seven", 7));
    EXPECT_EQ(inserted.changed, 1);

    constexpr Sql twice = "SELECT id FROM thing WHERE name = $2 AND id = $1 AND $2 = name";
    EXPECT_EQ(wait(db_->read(twice, 7, "seven")).size(), 1U);
}

TEST_P(DatabaseTest, changed_rows_are_counted) {
    for (int id = 0; id < 5; ++id) wait(db_->write(insert_thing, id, std::to_string(id), 1.0));
    EXPECT_EQ(wait(db_->write("UPDATE thing SET weight = 2 WHERE id < $1", 3)).changed, 3);
    EXPECT_EQ(wait(db_->write(insert_if_new, 3, "again")).changed, 0);
    EXPECT_EQ(wait(db_->write("DELETE FROM thing WHERE weight = 1")).changed, 2);
    EXPECT_EQ(wait(db_->read(select_thing, 0)).changed, 0);
}

TEST_P(DatabaseTest, a_committed_transaction_is_seen_by_reads_at_once) {
    for (int id = 0; id < 20; ++id) {
        wait(insert_and_commit(*db_, id));
        ASSERT_EQ(wait(db_->read(select_thing, id), 1).size(), 1U);
    }
}

TEST_P(DatabaseTest, a_dropped_transaction_leaves_nothing) {
    wait(insert_and_leave(*db_, 1));
    wait(insert_and_commit(*db_, 2));
    EXPECT_EQ(count(count_things), 1);
}

TEST_P(DatabaseTest, a_transaction_sees_its_own_writes_and_others_do_not) {
    const auto look = [](Database& db) -> core::Task<std::pair<std::int64_t, std::int64_t>> {
        Transaction transaction = co_await db.begin();
        co_await transaction.run(insert_thing, 1, "one", 1.0);
        const Rows inside = co_await transaction.run(count_things);
        const Rows outside = co_await db.read(count_things);
        co_await transaction.commit();
        co_return std::pair(integer(inside[0][0]), integer(outside[0][0]));
    };
    EXPECT_EQ(wait(look(*db_)), std::pair(std::int64_t{1}, std::int64_t{0}));
}

TEST_P(DatabaseTest, what_the_engine_refuses_is_told_from_what_may_pass) {
    wait(db_->write(insert_thing, 1, "one", 1.0));
    EXPECT_THROW(wait(db_->write(insert_thing, 1, "other", 1.0)), Refused);
    EXPECT_THROW(wait(db_->write(insert_thing, 2, "one", 1.0)), Refused);
    EXPECT_THROW(wait(db_->write(insert_thing, 2, "two", -1.0)), Refused);
    EXPECT_THROW(wait(db_->write(insert_thing, 2, std::string("t\0wo", 4), 1.0)), Refused);
    EXPECT_THROW(wait(db_->read("SELECT nonsense FROM thing")), std::logic_error);
    EXPECT_THROW(wait(db_->read("SELECT id FROM thing WHERE id = $1")), std::logic_error);
    EXPECT_EQ(count(count_things), 1);
}

TEST_P(DatabaseTest, a_transaction_with_a_failed_statement_cannot_be_committed) {
    const auto go_on_regardless = [](Database& db) -> core::Task<> {
        Transaction transaction = co_await db.begin();
        co_await transaction.run(insert_thing, 1, "one", 1.0);
        bool was_refused = false;
        try {
            co_await transaction.run(insert_thing, 1, "two", 1.0);
        } catch (const Refused&) {
            was_refused = true;
        }
        EXPECT_TRUE(was_refused);
        co_await transaction.commit();
    };
    EXPECT_THROW(wait(go_on_regardless(*db_)), std::logic_error);
    EXPECT_EQ(count(count_things), 0);
}

TEST_P(DatabaseTest, run_many_tells_what_each_row_changed) {
    const auto insert = [](Database& db) -> core::Task<std::vector<std::int64_t>> {
        std::vector<Values> rows;
        for (const int id : {1, 2, 1, 3, 2})
            rows.push_back(values(id, std::to_string(rows.size())));
        Transaction transaction = co_await db.begin();
        std::vector<std::int64_t> changed =
            co_await transaction.run_many(insert_if_new, std::move(rows));
        co_await transaction.commit();
        co_return changed;
    };
    EXPECT_EQ(wait(insert(*db_)), (std::vector<std::int64_t>{1, 1, 0, 1, 0}));
    EXPECT_EQ(count(count_things), 3);
}

TEST_P(DatabaseTest, run_many_of_many_rows_and_of_none) {
    const auto insert = [](Database& db, int wanted) -> core::Task<std::size_t> {
        std::vector<Values> rows;
        for (int id = 0; id < wanted; ++id)
            rows.push_back(values(id, std::string(100, 'x') + std::to_string(id)));
        Transaction transaction = co_await db.begin();
        const std::vector<std::int64_t> changed =
            co_await transaction.run_many(insert_if_new, std::move(rows));
        co_await transaction.commit();
        co_return changed.size();
    };
    EXPECT_EQ(wait(insert(*db_, 0)), 0U);
    EXPECT_EQ(wait(insert(*db_, 20000)), 20000U);
    EXPECT_EQ(count(count_things), 20000);
}

TEST_P(DatabaseTest, a_refused_row_of_run_many_leaves_nothing) {
    const auto insert = [](Database& db) -> core::Task<> {
        std::vector<Values> rows{values(1, "a"), values(2, "a"), values(3, "c")};
        Transaction transaction = co_await db.begin();
        co_await transaction.run_many(insert_if_new, std::move(rows));
        co_await transaction.commit();
    };
    EXPECT_THROW(wait(insert(*db_)), Refused);
    EXPECT_EQ(count(count_things), 0);
}

TEST_P(DatabaseTest, write_all_carries_out_all_statements_in_their_order_and_tells_what_each_gave) {
    std::vector<Statement> statements;
    statements.push_back(statement(insert_thing, 1, "one", 1.0));
    statements.push_back(statement("UPDATE thing SET weight = $2 WHERE id = $1", 1, 2.0));
    statements.push_back(statement(insert_if_new, 1, "again"));
    statements.push_back(
        statement("INSERT INTO step (who, nth) VALUES ($1, $2) RETURNING nth", 5, 6));
    statements.push_back(statement("DELETE FROM thing WHERE weight = $1", 2.0));

    const std::vector<Rows> results = wait(db_->write_all(std::move(statements)));

    ASSERT_EQ(results.size(), 5U);
    std::vector<std::int64_t> changed;
    for (const Rows& each : results) changed.push_back(each.changed);
    EXPECT_EQ(changed, (std::vector<std::int64_t>{1, 1, 0, 1, 1}));
    EXPECT_EQ(results[3][0], values(6));
    EXPECT_EQ(count("SELECT count(*) FROM step"), 1);
    EXPECT_EQ(count(count_things), 0);
}

TEST_P(DatabaseTest, write_all_with_the_same_statement_often_and_with_none) {
    const auto insert = [](Database& db) -> core::Task<std::size_t> {
        std::vector<Statement> statements;
        for (int id = 0; id < 500; ++id)
            statements.push_back(statement(insert_if_new, id, std::to_string(id)));
        co_return (co_await db.write_all(std::move(statements))).size();
    };
    EXPECT_EQ(wait(insert(*db_)), 500U);
    EXPECT_EQ(wait(insert(*db_)), 500U);
    EXPECT_EQ(count(count_things), 500);
    EXPECT_TRUE(wait(db_->write_all({})).empty());
}

TEST_P(DatabaseTest, write_all_leaves_nothing_when_a_statement_is_refused) {
    const auto refused_at = [](Database& db, std::size_t place,
                               Statement refused) -> core::Task<bool> {
        std::vector<Statement> statements;
        for (int nth = 0; nth < 3; ++nth) statements.push_back(statement(insert_step, 1, nth));
        statements[place] = std::move(refused);
        try {
            co_await db.write_all(std::move(statements));
        } catch (const Refused&) {
            co_return true;
        }
        co_return false;
    };
    wait(db_->write(insert_thing, 1, "one", 1.0));
    for (std::size_t place = 0; place < 3; ++place) {
        EXPECT_TRUE(wait(refused_at(*db_, place, statement(insert_thing, 1, "two", 1.0))));
        EXPECT_TRUE(wait(refused_at(*db_, place, statement(insert_thing, 2, "two", -1.0))));
        EXPECT_TRUE(wait(
            refused_at(*db_, place, statement(insert_thing, 2, std::string("t\0wo", 4), 1.0))));
    }
    EXPECT_THROW(wait(db_->write_all({statement(insert_step, 1, 1), statement("nonsense")})),
                 std::logic_error);
    EXPECT_EQ(count("SELECT count(*) FROM step"), 0);
    EXPECT_EQ(count(count_things), 1);
}

// Whatever the engine carries out together, each stands or falls by itself.
TEST_P(DatabaseTest, write_all_refused_does_no_harm_to_writes_and_transactions_beside_it) {
    const auto write_pair = [](Database& db, int id, bool collides) -> core::Task<bool> {
        std::vector<Statement> pair;
        pair.push_back(statement(insert_thing, 2 * id, std::to_string(2 * id), 1.0));
        pair.push_back(
            statement(insert_thing, collides ? -1 : 2 * id + 1, std::to_string(2 * id + 1), 1.0));
        try {
            co_await db.write_all(std::move(pair));
        } catch (const Refused&) {
            co_return false;
        }
        co_return true;
    };
    wait(db_->write(insert_thing, -1, "in the way", 1.0));
    std::vector<std::future<bool>> pairs;
    std::vector<std::future<void>> others;
    for (int i = 0; i < 90; ++i) {
        const std::size_t loop = static_cast<std::size_t>(i) % 3;
        pairs.push_back(start(write_pair(*db_, i, i % 2 == 1), loop));
        if (i % 3 == 0) others.push_back(start(insert_and_commit(*db_, 1000 + i), loop));
        if (i % 3 == 1) others.push_back(start(insert_and_leave(*db_, 2000 + i), loop));
    }
    int written = 0;
    for (std::future<bool>& one : pairs) written += one.get() ? 1 : 0;
    for (std::future<void>& one : others) one.get();

    EXPECT_EQ(written, 45);
    EXPECT_EQ(count(count_things), 1 + 2 * 45 + 30);
}

// Every writer adds its steps one after the other, now in a transaction, now alone, now giving up.
TEST_P(DatabaseTest, many_writers_on_several_loops_lose_nothing_and_keep_their_order) {
    constexpr int writers = 30;
    constexpr int steps = 12;
    const auto write_steps = [](Database& db, int who) -> core::Task<> {
        for (int nth = 0; nth < steps; ++nth) {
            if (nth % 3 == 0) {
                co_await db.write(insert_step, who, nth);
                continue;
            }
            {
                Transaction given_up = co_await db.begin();
                co_await given_up.run(insert_step, who, -1);
            }
            Transaction transaction = co_await db.begin();
            co_await transaction.run(insert_step, who, nth);
            co_await transaction.commit();
        }
    };

    std::vector<std::future<void>> all;
    for (int who = 0; who < writers; ++who) {
        all.push_back(start(write_steps(*db_, who), static_cast<std::size_t>(who) % loops_.size()));
    }
    for (std::future<void>& one : all) one.get();

    EXPECT_EQ(count("SELECT count(*) FROM step"), writers * steps);
    EXPECT_EQ(count("SELECT count(*) FROM step a JOIN step b ON a.who = b.who AND a.id < b.id AND "
                    "a.nth >= b.nth"),
              0);
}

TEST_P(DatabaseTest, a_refused_write_does_not_harm_those_beside_it) {
    std::vector<std::future<Rows>> all;
    for (int i = 0; i < 200; ++i) {
        const int id = i % 2 == 0 ? i : 0;  // every second one collides with the first
        all.push_back(start(db_->write(insert_thing, id, std::to_string(i), 1.0),
                            static_cast<std::size_t>(i) % 3));
    }
    int refused = 0;
    for (std::future<Rows>& one : all) {
        try {
            one.get();
        } catch (const Refused&) {
            ++refused;
        }
    }
    EXPECT_EQ(refused, 100);
    EXPECT_EQ(count(count_things), 100);
}

}  // namespace souk::db
