// The suite of database_test.h on a libSQL server, and what only concerns one that is asked over
// HTTP.
#include "platform/db/tests/database_test.h"
#include "platform/testing/comes_true.h"
#include "platform/testing/libsql.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace souk::db {
namespace {

using souk::testing::Libsql;

constexpr Sql insert_step = "INSERT INTO step (who, nth) VALUES ($1, $2)";
constexpr Sql count_steps = "SELECT count(*) FROM step";

Place fresh_database() {
    Libsql::shared().renew();
    Place place;
    place.address = Libsql::shared().address();
    place.schema = "test";
    place.connections_max = 3;
    return place;
}

// Empty when it works. Asked on the loop, which owns the exception.
core::Task<std::string> why_not(core::Task<Rows> task) {
    try {
        co_await std::move(task);
    } catch (const core::Unavailable& down) {
        co_return down.what();
    }
    co_return "";
}

core::Task<> insert_two_steps(Database& db) {
    Transaction transaction = co_await db.begin();
    co_await transaction.run(insert_step, 1, 1);
    co_await transaction.run(insert_step, 1, 2);
    co_await transaction.commit();
}

std::vector<Statement> two_steps() {
    return {statement(insert_step, 1, 1), statement(insert_step, 1, 2)};
}

}  // namespace

class LibsqlTest : public DatabaseTest {
protected:
    std::unique_ptr<Database> hasty() const {
        Place place = place_;
        place.timeout_ms = 150;
        return open(place);
    }

    Libsql& server_ = Libsql::shared();
};

// The connections in use are warm: there a client may be tempted to send again.
TEST_P(LibsqlTest, what_was_carried_out_and_not_answered_is_unknown_and_never_done_again) {
    std::int64_t steps = 0;
    const auto expect_carried_out_once = [&](std::int64_t more) {
        steps += more;
        EXPECT_EQ(count(count_steps), steps);
    };
    for (int i = 0; i < 3; ++i) {
        server_.set(R"({"drop_after": 1})");
        EXPECT_THROW(wait(db_->write(insert_step, 1, 1)), core::Unavailable);
        expect_carried_out_once(1);
        server_.set(R"({"drop_after": 1})");
        EXPECT_THROW(wait(db_->write_all(two_steps())), core::Unavailable);
        expect_carried_out_once(2);
        wait(db_->write_all(two_steps()));
        expect_carried_out_once(2);
    }
}

TEST_P(LibsqlTest, what_was_not_carried_out_because_the_connection_was_lost_is_unavailable) {
    ASSERT_EQ(count(count_steps), 0);
    server_.set(R"({"drop_before": 1})");
    EXPECT_THROW(wait(db_->write_all(two_steps())), core::Unavailable);
    server_.set(R"({"fail": 1, "status": 500})");
    EXPECT_THROW(wait(db_->write_all(two_steps())), core::Unavailable);
    server_.set(R"({"fail": 1, "status": 503})");
    EXPECT_THROW(wait(insert_two_steps(*db_)), core::Unavailable);
    EXPECT_EQ(count(count_steps), 0);
    wait(insert_two_steps(*db_));
    EXPECT_EQ(count(count_steps), 2);
}

TEST_P(LibsqlTest, a_connection_lost_in_each_trip_of_a_transaction_leaves_all_of_it_or_nothing) {
    for (const char* lost : {"drop_before", "drop_after"}) {
        for (int trip = 0; trip < 3; ++trip) {
            const auto lose_in_trip = [&](Database& db) -> core::Task<> {
                const std::string lose = R"({")" + std::string(lost) + R"(": 1})";
                Transaction transaction = co_await db.begin();
                if (trip == 0) server_.set(lose);
                co_await transaction.run(insert_step, 1, 1);
                if (trip == 1) server_.set(lose);
                co_await transaction.run(insert_step, 1, 2);
                server_.set(lose);
                co_await transaction.commit();
            };
            wait(db_->write("DELETE FROM step"));
            EXPECT_THROW(wait(lose_in_trip(*db_)), core::Unavailable);
            const bool was_committed = trip == 2 && lost == std::string_view("drop_after");
            EXPECT_EQ(count(count_steps), was_committed ? 2 : 0) << lost << " in trip " << trip;
            server_.set(R"({"drop_before": 0, "drop_after": 0, "idle_seconds": 0})");
            EXPECT_TRUE(testing::comes_true([&] { return count(count_steps) >= 0; }));
            server_.set(R"({"idle_seconds": 10})");
        }
    }
}

TEST_P(LibsqlTest, a_database_that_others_write_to_is_waited_for) {
    server_.set(R"({"busy": 3})");
    wait(db_->write_all(two_steps()));
    server_.set(R"({"busy": 3})");
    wait(insert_two_steps(*db_));
    EXPECT_EQ(count(count_steps), 4);

    server_.set(R"({"busy": 1000000})");
    const std::unique_ptr<Database> impatient = hasty();
    EXPECT_THROW(wait(impatient->write_all(two_steps())), core::Unavailable);
    EXPECT_THROW(wait(insert_two_steps(*impatient)), core::Unavailable);
    server_.set(R"({"busy": 0})");
    EXPECT_EQ(count(count_steps), 4);
}

TEST_P(LibsqlTest, an_answer_that_comes_too_late_is_unavailable) {
    server_.set(R"({"delay_seconds": 0.5})");
    const std::unique_ptr<Database> impatient = hasty();
    EXPECT_THROW(wait(impatient->read(count_steps)), core::Unavailable);
    server_.set(R"({"delay_seconds": 0})");
    EXPECT_EQ(count(count_steps), 0);
}

TEST_P(LibsqlTest, a_server_that_is_killed_and_comes_back_loses_nothing_that_was_promised) {
    std::atomic<int> next = 0;
    std::atomic<int> promised = 0;
    const auto insert_until_it_fails = [&next, &promised](Database& db) -> core::Task<> {
        for (;;) {
            const int id = next++;
            co_await db.write_all({statement("INSERT INTO thing (id) VALUES ($1)", id)});
            ++promised;
        }
    };
    std::vector<std::future<void>> all;
    for (std::size_t i = 0; i < 6; ++i) all.push_back(start(insert_until_it_fails(*db_), i % 3));
    while (promised < 50) std::this_thread::yield();

    server_.kill();
    for (std::future<void>& one : all) EXPECT_THROW(one.get(), core::Unavailable);
    EXPECT_THROW(wait(db_->migrate(migrations())), core::Unavailable);
    server_.start();

    EXPECT_EQ(wait(db_->migrate(migrations())), 0);
    const std::int64_t stored = count("SELECT count(*) FROM thing");
    EXPECT_GE(stored, promised);
    EXPECT_LE(stored, promised + 6);
}

TEST_P(LibsqlTest, the_token_is_sent_and_a_wrong_one_is_named_but_not_told) {
    server_.set(R"({"token": "geheim"})");
    Place place = place_;
    for (const char* token : {"", "falsch"}) {
        place.token = token;
        const std::unique_ptr<Database> db = open(place);
        const std::string why = wait(why_not(db->read("SELECT 1")));
        EXPECT_NE(why.find("TURSO_AUTH_TOKEN"), std::string::npos) << why;
        EXPECT_EQ(why.find("falsch"), std::string::npos) << why;
    }
    place.token = "geheim";
    EXPECT_EQ(wait(open(place)->read("SELECT 1")).size(), 1U);
    server_.set(R"({"token": null})");
}

TEST_P(LibsqlTest, a_stream_goes_on_where_the_server_sends_it) {
    const auto sent_to = [this](Database& db, std::string url) -> core::Task<> {
        Transaction transaction = co_await db.begin();
        server_.set(R"({"base_url": ")" + url + R"("})");
        co_await transaction.run(insert_step, 1, 1);
        server_.set(R"({"base_url": null})");
        co_await transaction.run(insert_step, 1, 2);
        co_await transaction.commit();
    };
    wait(sent_to(*db_, server_.address() + "/"));
    EXPECT_THROW(wait(sent_to(*db_, "http://127.0.0.1:1")), core::Unavailable);
    EXPECT_THROW(wait(sent_to(*db_, "file:///etc/passwd")), core::Unavailable);
    EXPECT_EQ(count(count_steps), 2);
}

TEST_P(LibsqlTest, a_stream_that_the_server_has_closed_rolls_its_transaction_back) {
    const auto be_idle = [this](Database& db) -> core::Task<> {
        Transaction transaction = co_await db.begin();
        co_await transaction.run(insert_step, 1, 1);
        server_.set(R"({"idle_seconds": 0})");
        co_await transaction.run(insert_step, 1, 2);
    };
    EXPECT_THROW(wait(be_idle(*db_)), core::Unavailable);
    server_.set(R"({"idle_seconds": 10})");
    EXPECT_EQ(count(count_steps), 0);
}

TEST_P(LibsqlTest, no_stream_is_left_open) {
    const auto give_up = [](Database& db) -> core::Task<> {
        Transaction transaction = co_await db.begin();
        co_await transaction.run(insert_step, 1, 1);
    };
    const auto be_refused = [](Database& db) -> core::Task<> {
        Transaction transaction = co_await db.begin();
        co_await transaction.run("INSERT INTO thing (id, weight) VALUES (1, -1)");
    };
    wait(insert_two_steps(*db_));
    wait(give_up(*db_));
    EXPECT_THROW(wait(be_refused(*db_)), Refused);
    EXPECT_TRUE(testing::comes_true([this] { return server_.counter("streams") == 0; }));
    EXPECT_EQ(count(count_steps), 2);
}

TEST_P(LibsqlTest, write_all_is_one_trip) {
    const std::int64_t before = server_.counter("pipelines");
    wait(db_->write_all(two_steps()));
    EXPECT_EQ(server_.counter("pipelines"), before + 1);
}

TEST_P(LibsqlTest, foreign_keys_are_looked_at_as_on_the_other_engines) {
    wait(db_->write("CREATE TABLE part (thing BIGINT NOT NULL REFERENCES thing (id))"));
    constexpr Sql insert_part = "INSERT INTO part (thing) VALUES ($1)";
    EXPECT_THROW(wait(db_->write(insert_part, 1)), Refused);
    wait(db_->write_all(
        {statement("INSERT INTO thing (id) VALUES (1)"), statement(insert_part, 1)}));
}

TEST_P(LibsqlTest, an_answer_without_end_is_not_taken) {
    EXPECT_THROW(wait(db_->read("SELECT hex(zeroblob(9000000))")), core::Unavailable);
}

TEST_P(LibsqlTest, a_malformed_address_is_refused_without_naming_a_secret) {
    Place place = place_;
    for (const char* address : {"libsql://me:geheim@db", "libsql://db?authToken=geheim",
                                "http://db/geheim", "https://", "libsql://db#geheim"}) {
        place.address = address;
        try {
            open(place);
            ADD_FAILURE() << address;
        } catch (const std::invalid_argument& wrong) {
            EXPECT_EQ(std::string_view(wrong.what()).find("geheim"), std::string_view::npos);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(libsql, LibsqlTest, ::testing::Values(Engine{"libSQL", &fresh_database}));
INSTANTIATE_TEST_SUITE_P(libsql, DatabaseTest,
                         ::testing::Values(Engine{"libSQL", &fresh_database}));

}  // namespace souk::db
