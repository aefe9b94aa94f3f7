// SQLite's readers while the system gives no more threads: an answer, and later reads work.
#include "platform/core/error.h"
#include "platform/db/database.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/refused_threads.h"
#include "platform/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <utility>
#include <vector>

namespace souk::db {
namespace {

constexpr Sql count_things = "SELECT count(*) FROM thing";

class RefusedThreads : public ::testing::Test {
protected:
    RefusedThreads() {
        loop_.wait(database_->write("CREATE TABLE thing (id INTEGER PRIMARY KEY)"));
    }

    std::int64_t count() { return integer(loop_.wait(database_->read(count_things))[0][0]); }

    const testing::TemporaryFolder folder_;
    testing::OnLoop loop_;
    std::unique_ptr<Database> database_ = open({.file = folder_.path() / "things.db"});
};

TEST_F(RefusedThreads, fail_a_read_when_nobody_reads_yet_and_not_the_next) {
    {
        const testing::RefusedThreads none;
        EXPECT_THROW(count(), core::Unavailable);
        EXPECT_THROW(count(), core::Unavailable);
        EXPECT_GE(none.refusals(), 2);
        loop_.wait(database_->write("INSERT INTO thing (id) VALUES (1)"));
    }
    EXPECT_EQ(count(), 1);
}

TEST_F(RefusedThreads, leave_all_reads_to_the_reader_there_is) {
    EXPECT_EQ(count(), 0);
    const testing::RefusedThreads none;
    // Slow enough for the others to come meanwhile.
    constexpr Sql count_to_a_million = R"(
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000000)
        SELECT max(n) FROM number)";
    std::vector<std::future<Rows>> reads;
    reads.push_back(loop_.start(database_->read(count_to_a_million)));
    for (int i = 0; i < 20; ++i) reads.push_back(loop_.start(database_->read(count_things)));

    for (std::future<Rows>& read : reads)
        EXPECT_EQ(testing::OnLoop::finish(std::move(read)).size(), 1U);

    EXPECT_GE(none.refusals(), 1);
}

}  // namespace
}  // namespace souk::db
