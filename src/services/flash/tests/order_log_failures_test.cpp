// What the order log says when the disk refuses: never "durable" for what is not in the file, never
// "lost" for what is, each entry once.
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "platform/testing/temporary_folder.h"
#include "services/flash/order_log_sqlite.h"
#include "services/flash/tests/log_listener.h"
#include "services/flash/tests/orders.h"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

// Every file of this process ends at so many bytes, as on a full disk, until heal().
class FileSizeLimit {
public:
    FileSizeLimit() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &usual_);
    }
    ~FileSizeLimit() {
        heal();
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

    void set(std::uintmax_t bytes) const {
        const rlimit limit{.rlim_cur = bytes, .rlim_max = usual_.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    }
    void heal() const { ::setrlimit(RLIMIT_FSIZE, &usual_); }

private:
    void (*handler_)(int);
    rlimit usual_{};
};

class OrderLogFailures : public ::testing::Test {
protected:
    std::unique_ptr<SqliteOrderLog> open() {
        return std::make_unique<SqliteOrderLog>(
            SqliteOrderLog::Options{.file = folder_.path() / "log.db", .key_life = 60s}, clock_,
            random_);
    }
    static void append(SqliteOrderLog& log, std::uint32_t first, std::uint32_t count) {
        for (std::uint32_t i = first; i < first + count; ++i)
            log.append(entry_of(order_record(i), 0, Phase::handing_over));
    }

    std::int64_t rows() const {
        db::sqlite::Connection file(folder_.path() / "log.db", db::sqlite::Mode::read_only);
        return db::integer(file.run("SELECT count(*) FROM log", {})[0][0]);
    }

    // The file holds exactly what was called durable.
    void expect_the_file_agrees(const std::string& when) {
        std::set<std::string> in_file;
        for (const LogEntry& entry : open()->stored())
            in_file.insert(core::to_string(entry.order->record.id));
        for (const auto& [id, fate] : listener_.fates()) {
            EXPECT_EQ(fate, in_file.contains(id) ? "durable" : "lost") << id << " " << when;
        }
        EXPECT_LE(in_file.size(), listener_.fates().size()) << when;
    }

    testing::TemporaryFolder folder_;
    testing::FixedClock clock_;
    testing::SeededRandom random_;
    KeepingListener listener_;
    FileSizeLimit limit_;
};

TEST_F(OrderLogFailures, a_group_that_cannot_be_written_is_undecided_until_the_disk_answers) {
    auto log = open();
    log->start(listener_);
    append(*log, 1, 1);
    ASSERT_TRUE(listener_.hears(1));

    limit_.set(0);
    append(*log, 2, 1);
    ASSERT_TRUE(testing::comes_true([&] { return !log->healthy(); }));
    append(*log, 3, 1);
    ASSERT_TRUE(listener_.hears(2)) << "what comes meanwhile is refused, not kept waiting";
    EXPECT_EQ(listener_.fates()[core::to_string(order_id(3))], "lost");
    EXPECT_FALSE(listener_.fates().contains(core::to_string(order_id(2)))) << "still undecided";
    EXPECT_FALSE(log->healthy());

    limit_.heal();
    ASSERT_TRUE(listener_.hears(3));
    ASSERT_TRUE(testing::comes_true([&] { return log->healthy(); }));
    append(*log, 4, 1);
    ASSERT_TRUE(listener_.hears(4));
    EXPECT_EQ(listener_.fates()[core::to_string(order_id(4))], "durable");
    log.reset();
    expect_the_file_agrees("after healing");
}

TEST_F(OrderLogFailures, wherever_the_disk_is_full_every_entry_is_settled_once_and_truly) {
    for (std::uintmax_t bytes = 0; bytes <= 160 * 1024; bytes += 12 * 1024) {
        auto log = open();
        log->start(listener_);
        const std::size_t before = listener_.count();
        const auto number = static_cast<std::uint32_t>(before);
        limit_.set(bytes);
        append(*log, number, 300);
        append(*log, number + 300, 300);
        testing::comes_true([&] { return listener_.count() == before + 600 || !log->healthy(); });
        limit_.heal();
        ASSERT_TRUE(listener_.hears(before + 600));
        ASSERT_TRUE(testing::comes_true([&] { return log->healthy(); }));
        append(*log, number + 600, 1);
        ASSERT_TRUE(listener_.hears(before + 601));
        ASSERT_TRUE(listener_.told().back().durable);
        log.reset();
        expect_the_file_agrees("with files of " + std::to_string(bytes) + " bytes");
    }
}

TEST_F(OrderLogFailures, positions_go_on_rising_after_a_failure_and_a_restart) {
    auto log = open();
    log->start(listener_);
    append(*log, 1, 5);
    ASSERT_TRUE(listener_.hears(5));
    limit_.set(0);
    append(*log, 6, 3);
    ASSERT_TRUE(testing::comes_true([&] { return !log->healthy(); }));
    limit_.heal();
    ASSERT_TRUE(listener_.hears(8));
    log->consumed(5);
    clock_.advance(61s);
    ASSERT_TRUE(testing::comes_true([&] { return rows() <= 1; })) << "what was outlived is removed";
    log.reset();

    log = open();
    log->start(listener_);
    append(*log, 9, 1);
    ASSERT_TRUE(listener_.hears(9));
    EXPECT_GT(listener_.told().back().entry.position, 5)
        << "a position at or below the worker's would be taken for one that is in the database";
}

TEST_F(OrderLogFailures, stopping_does_not_wait_for_a_disk_that_does_not_heal) {
    auto log = open();
    log->start(listener_);
    append(*log, 1, 1);
    ASSERT_TRUE(listener_.hears(1));
    limit_.set(0);
    append(*log, 2, 1);
    ASSERT_TRUE(testing::comes_true([&] { return !log->healthy(); }));

    log->stop();
    append(*log, 3, 1);
    limit_.heal();

    EXPECT_EQ(listener_.fates()[core::to_string(order_id(3))], "lost");
    EXPECT_FALSE(listener_.fates().contains(core::to_string(order_id(2))))
        << "the next start decides";
    log.reset();
    expect_the_file_agrees("after stopping");
}

}  // namespace
}  // namespace souk::flash
