// What only concerns SQLite: its connection class, and a disk that refuses.
#include "platform/core/error.h"
#include "platform/db/database.h"
#include "platform/db/sqlite/connection.h"
#include "platform/db/step.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sys/resource.h>

namespace souk::db::sqlite {
namespace {

// As long as it lives, no file can grow beyond `bytes`: what a full disk does to one program.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit lower{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &lower);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
};

class SqliteTest : public ::testing::Test {
protected:
    template <typename T>
    T wait(core::Task<T> task) {
        return loop_.wait(std::move(task));
    }

    std::unique_ptr<Database> open_database() const {
        Place place;
        place.file = file_;
        place.connections_max = 2;
        return open(place);
    }

    testing::TemporaryFolder folder_;
    std::string file_ = folder_.path() / "test.db";
    testing::OnLoop loop_;
};

constexpr Sql create = "CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT)";
constexpr Sql insert = "INSERT INTO item (id, body) VALUES ($1, $2)";
constexpr Sql count = "SELECT count(*) FROM item";

TEST_F(SqliteTest, a_statement_is_prepared_once_and_bound_by_number) {
    Connection writer(file_, Mode::read_write);
    writer.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT, weight REAL)");
    Statement& statement =
        writer.prepare("INSERT INTO item (body, id, weight) VALUES ($2, $1, $3)");
    for (int id = 0; id < 3; ++id) {
        statement.bind(1, id);
        statement.bind(2, std::string_view("body"));
        statement.bind(3, Null());
        EXPECT_FALSE(statement.step());
    }
    EXPECT_EQ(&statement,
              &writer.prepare("INSERT INTO item (body, id, weight) VALUES ($2, $1, $3)"));
    EXPECT_EQ(writer.changes(), 1);
    EXPECT_EQ(writer.last_insert_id(), 2);
    EXPECT_EQ(writer.run("SELECT id, body, weight FROM item WHERE id = $1", values(2))[0],
              values(2, "body", Null()));
    EXPECT_TRUE(writer.checkpoint());
}

TEST_F(SqliteTest, a_failed_statement_can_be_used_again) {
    Connection writer(file_, Mode::read_write);
    writer.execute(create.sqlite);
    Statement& statement = writer.prepare(insert.sqlite);
    statement.bind_all(values(1, Null()));
    statement.step();
    EXPECT_THROW(statement.step(), Refused);
    statement.bind(1, 2);
    EXPECT_FALSE(statement.step());
    EXPECT_THROW(statement.bind(3, 1), std::logic_error);
    EXPECT_THROW(writer.prepare("SELECT $1, $3"), std::logic_error);
}

TEST_F(SqliteTest, a_reader_cannot_change_anything_and_never_checkpoints) {
    Connection writer(file_, Mode::read_write);
    writer.execute(create.sqlite);
    {
        Connection reader(file_, Mode::read_only);
        EXPECT_THROW(reader.execute("INSERT INTO item VALUES (1, 'x')"), core::Unavailable);
        EXPECT_EQ(integer(reader.run(count.sqlite, {})[0][0]), 0);
    }
    EXPECT_GT(std::filesystem::file_size(file_ + "-wal"), 0U);
    writer.close();
    EXPECT_FALSE(std::filesystem::exists(file_ + "-wal"));
}

TEST_F(SqliteTest, commits_and_the_checkpoint_in_one_of_them_are_timed_apart) {
    metrics::Registry registry;
    Step commits(registry, {"commit_seconds", "", {}, "test", "{}"});
    Step checkpoints(registry, {"checkpoint_seconds", "", {}, "test", "{}"});
    Connection::Options options{.checkpoint_pages = 8};
    options.commits = &commits;
    options.checkpoints = &checkpoints;
    Connection writer(file_, Mode::read_write, options);
    writer.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT)");
    for (int id = 0; id < 20; ++id) {
        writer.execute("BEGIN IMMEDIATE");
        writer.run(insert.sqlite, values(id, std::string(5000, 'b')));
        writer.commit();
    }
    const std::string text = registry.text();
    EXPECT_NE(text.find("commit_seconds_count 20\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("checkpoint_seconds_count 0\n"), std::string::npos) << text;
    EXPECT_LT(std::filesystem::file_size(file_ + "-wal"), 200'000U);
}

TEST_F(SqliteTest, a_file_that_is_no_database_is_named_in_the_error) {
    std::ofstream(file_) << std::string(5000, 'x');
    try {
        const Connection connection(file_, Mode::read_write);
        FAIL() << "opened";
    } catch (const core::Unavailable& error) {
        EXPECT_NE(std::string(error.what()).find(file_), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("backup"), std::string::npos) << error.what();
    }
}

TEST_F(SqliteTest, a_database_whose_folder_comes_later_heals) {
    file_ = folder_.path() / "later" / "test.db";
    const std::unique_ptr<Database> db = open_database();
    EXPECT_THROW(wait(db->read("SELECT 1")), core::Unavailable);
    EXPECT_THROW(wait(db->write(create)), core::Unavailable);
    std::filesystem::create_directory(folder_.path() / "later");
    EXPECT_EQ(integer(wait(db->read("SELECT 1"))[0][0]), 1);
    wait(db->write(create));
}

TEST_F(SqliteTest, read_refuses_statements_that_write) {
    const std::unique_ptr<Database> db = open_database();
    wait(db->write(create));
    EXPECT_THROW(wait(db->read(insert, 1, "x")), std::logic_error);
}

TEST_F(SqliteTest, a_full_disk_fails_writes_and_heals_without_losing_what_was_promised) {
    std::unique_ptr<Database> db = open_database();
    wait(db->write(create));
    const std::string body(20'000, 'b');
    int promised = 0;
    {
        const FileSizeLimit limit(600'000);
        for (int id = 0; id < 100; ++id) {
            try {
                wait(db->write(insert, id, body));
                ++promised;
            } catch (const core::Unavailable&) {
                EXPECT_GT(promised, 5);
            }
        }
        EXPECT_LT(promised, 100);
        EXPECT_EQ(integer(wait(db->read(count))[0][0]), promised);
    }
    wait(db->write(insert, 1000, body));
    EXPECT_EQ(integer(wait(db->read(count))[0][0]), promised + 1);
    db = nullptr;
    db = open_database();
    EXPECT_EQ(integer(wait(db->read(count))[0][0]), promised + 1);
}

}  // namespace
}  // namespace souk::db::sqlite
