#include "services/flash/order_log_sqlite.h"

#include "platform/core/error.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "platform/testing/temporary_folder.h"
#include "services/flash/tests/log_listener.h"
#include "services/flash/tests/orders.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

class OrderLogSqlite : public ::testing::Test {
protected:
    using Log = std::unique_ptr<SqliteOrderLog>;

    Log open() { return open(file_); }
    Log open(const std::filesystem::path& file) {
        return std::make_unique<SqliteOrderLog>(
            SqliteOrderLog::Options{
                .file = file, .key_life = 60s, .removed_at_once = removed_at_once_},
            clock_, random_);
    }

    // Orders number `first` and the next ones; returns when all are settled.
    void append(SqliteOrderLog& log, std::uint32_t first, std::uint32_t count = 1) {
        const std::size_t before = listener_.count();
        for (std::uint32_t i = 0; i < count; ++i)
            log.append(entry_of(order_record(first + i), 0, Phase::handing_over));
        ASSERT_TRUE(listener_.hears(before + count));
    }

    // Positions in the file, as another program sees them.
    std::vector<std::int64_t> positions() const {
        db::sqlite::Connection connection(file_, db::sqlite::Mode::read_only);
        std::vector<std::int64_t> all;
        for (const db::Values& row :
             connection.run("SELECT position FROM log ORDER BY position", {}).rows)
            all.push_back(db::integer(row[0]));
        return all;
    }

    void by_hand(const char* statement) const {
        db::sqlite::Connection connection(file_, db::sqlite::Mode::read_write);
        connection.execute(statement);
    }

    static std::vector<std::int64_t> range(std::int64_t first, std::int64_t last) {
        std::vector<std::int64_t> all;
        for (std::int64_t i = first; i <= last; ++i) all.push_back(i);
        return all;
    }

    testing::TemporaryFolder folder_;
    const std::filesystem::path file_ = folder_.path() / "log.db";
    std::size_t removed_at_once_ = 1;
    testing::FixedClock clock_;
    testing::SeededRandom random_;
    KeepingListener listener_;
};

TEST_F(OrderLogSqlite, what_is_settled_is_in_the_file_though_the_process_ends_there) {
    const Log log = open();
    EXPECT_TRUE(log->stored().empty());
    log->start(listener_);
    append(*log, 1, 3);
    for (const KeepingListener::Told& each : listener_.told()) EXPECT_TRUE(each.durable);

    const testing::TemporaryFolder crashed;  // the files as a kill leaves them
    std::filesystem::copy(file_, crashed.path() / "log.db");
    std::filesystem::copy(file_.string() + "-wal", crashed.path() / "log.db-wal");
    const std::vector<LogEntry> found = open(crashed.path() / "log.db")->stored();

    ASSERT_EQ(found.size(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i) {
        const OrderRecord wanted = order_record(i + 1);
        const OrderRecord& record = found[i].order->record;
        EXPECT_EQ(found[i].kind, LogEntry::Kind::order);
        EXPECT_EQ(found[i].position, i + 1);
        EXPECT_EQ(found[i].order->phase, Phase::pending);
        EXPECT_EQ(record.id, wanted.id);
        EXPECT_EQ(record.product_id, wanted.product_id);
        EXPECT_EQ(record.user_id, wanted.user_id);
        EXPECT_EQ(record.key, wanted.key);
        EXPECT_EQ(record.epoch, wanted.epoch);
        EXPECT_EQ(record.accepted_at_ms, wanted.accepted_at_ms);
    }
}

TEST_F(OrderLogSqlite, odd_texts_and_the_largest_numbers_come_back_as_they_went_in) {
    OrderRecord odd = order_record(1, "it's-\"$1\"", 4'294'967'295U);
    odd.user_id = "\xF0\x9F\x90\x99 'quoted' \xC3\xA9";
    odd.accepted_at_ms = 9'000'000'000'000'000;
    {
        const Log log = open();
        log->start(listener_);
        log->append(entry_of(odd, 0, Phase::handing_over));
    }
    const std::vector<LogEntry> found = open()->stored();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].order->record.product_id, odd.product_id);
    EXPECT_EQ(found[0].order->record.user_id, odd.user_id);
    EXPECT_EQ(found[0].order->record.epoch, odd.epoch);
    EXPECT_EQ(found[0].order->record.accepted_at_ms, odd.accepted_at_ms);
}

TEST_F(OrderLogSqlite, a_log_keeps_its_identity_and_another_has_another) {
    const std::string identity = open()->identity();
    EXPECT_EQ(identity.size(), 32U);
    EXPECT_EQ(open()->identity(), identity);
    EXPECT_NE(open(folder_.path() / "other.db")->identity(), identity);
}

TEST_F(OrderLogSqlite, positions_go_on_rising_over_restarts) {
    for (std::uint32_t start = 0; start < 3; ++start) {
        const Log log = open();
        EXPECT_EQ(log->stored().size(), start * 4);
        log->start(listener_);
        append(*log, start * 4 + 1, 4);
    }
    EXPECT_EQ(positions(), range(1, 12));
}

TEST_F(OrderLogSqlite, positions_go_on_rising_after_everything_old_was_forgotten) {
    for (int start = 0; start < 3; ++start) {
        const Log log = open();
        log->start(listener_);
        append(*log, 1, 5);
        log->consumed(1'000'000);
        clock_.advance(61s);
        append(*log, 6);
        EXPECT_EQ(listener_.told().back().entry.position, (start + 1) * 6);
        clock_.advance(61s);
        EXPECT_TRUE(testing::comes_true([&] { return positions().size() == 1; }));
    }
    EXPECT_EQ(positions(), range(18, 18));
}

TEST_F(OrderLogSqlite, records_are_removed_when_they_are_consumed_and_outlived_and_not_before) {
    const Log log = open();
    log->start(listener_);
    append(*log, 1, 4);
    clock_.advance(61s);
    append(*log, 5);
    EXPECT_EQ(positions(), range(1, 5)) << "outlived, but not in the database";

    log->consumed(2);
    append(*log, 6);
    EXPECT_EQ(positions(), range(3, 6)) << "only the consumed";

    log->consumed(6);
    append(*log, 7);
    EXPECT_EQ(positions(), range(5, 7)) << "5 and 6 are in the database, but their keys live";
    clock_.advance(60s);
    append(*log, 8);
    EXPECT_EQ(positions(), range(5, 8)) << "not older than the life";
    clock_.advance(1s);
    append(*log, 9);
    EXPECT_EQ(positions(), range(7, 9));
}

TEST_F(OrderLogSqlite, a_group_removes_a_whole_piece_or_nothing) {
    removed_at_once_ = 10;
    const Log log = open();
    log->start(listener_);
    append(*log, 1, 9);
    log->consumed(9);
    clock_.advance(61s);
    append(*log, 10);
    EXPECT_EQ(positions(), range(1, 10)) << "nine are due";
    log->consumed(10);
    clock_.advance(61s);
    append(*log, 11);
    EXPECT_EQ(positions(), range(11, 11));
}

TEST_F(OrderLogSqlite, a_restart_does_not_shorten_the_life_of_what_it_found) {
    {
        const Log log = open();
        log->start(listener_);
        append(*log, 1, 3);
    }
    clock_.advance(59s);
    const Log log = open();
    log->start(listener_);
    log->consumed(3);
    clock_.advance(59s);
    append(*log, 4);
    EXPECT_EQ(positions(), range(1, 4));
    clock_.advance(2s);
    append(*log, 5);
    append(*log, 6);
    EXPECT_EQ(positions(), range(4, 6));
}

TEST_F(OrderLogSqlite, old_records_also_go_when_no_orders_come) {
    const Log log = open();
    log->start(listener_);
    append(*log, 1, 10);
    log->consumed(10);
    clock_.advance(61s);
    EXPECT_TRUE(testing::comes_true([&] { return positions().size() == 1; }));
    EXPECT_EQ(positions(), range(10, 10)) << "the newest stays, it keeps the count";
}

TEST_F(OrderLogSqlite, cancellations_are_entries_of_their_own) {
    {
        const Log log = open();
        log->start(listener_);
        append(*log, 1, 2);
        const PendingOrderPtr order = listener_.told()[0].entry.order;
        order->cancelled_at_ms = test_time_ms + 77;
        log->append(cancellation_of(order));
        ASSERT_TRUE(listener_.hears(3));
        EXPECT_TRUE(listener_.told()[2].durable);
    }
    const std::vector<LogEntry> found = open()->stored();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[2].kind, LogEntry::Kind::cancellation);
    EXPECT_EQ(found[2].order->record.id, order_id(1));
    EXPECT_EQ(found[2].order->record.accepted_at_ms, test_time_ms + 77);
}

TEST_F(OrderLogSqlite, rows_that_make_no_sense_come_back_as_broken_and_say_why) {
    {
        const Log log = open();
        log->start(listener_);
        append(*log, 1);
    }
    by_hand(R"(INSERT INTO log VALUES
        (2, 0, 'no-uuid', 'phone', 'user', 'key', 1, 5),
        (3, 9, '018bcfe5-6800-7000-8000-000000000003', 'phone', 'user', 'key', 1, 5),
        (4, 0, '018bcfe5-6800-7000-8000-000000000004', 'phone', '', 'key', 1, 5),
        (5, 0, '018bcfe5-6800-7000-8000-000000000005', '', 'user', 'key', 1, 5),
        (6, 0, '018bcfe5-6800-7000-8000-000000000006', 'phone', 'user', '', 1, 5),
        (7, 0, '018bcfe5-6800-7000-8000-000000000007', 'phone', 'user', 'key', 4294967297, 5),
        (8, 0, '018bcfe5-6800-7000-8000-000000000008', 'phone', 'user', 'key', -1, 5),
        (9, 0, '018bcfe5-6800-7000-8000-000000000009', 'phone', 'user', 'key', 1, 5))");
    const Log log = open();
    const std::vector<LogEntry> found = log->stored();
    ASSERT_EQ(found.size(), 9U);
    for (std::size_t i = 1; i < 8; ++i) {
        EXPECT_EQ(found[i].kind, LogEntry::Kind::broken);
        EXPECT_EQ(found[i].position, static_cast<std::int64_t>(i + 1));
        EXPECT_EQ(found[i].order, nullptr);
        EXPECT_NE(found[i].broken_detail, "");
    }
    EXPECT_NE(found[1].broken_detail.find("no-uuid"), std::string::npos);
    EXPECT_EQ(found[8].kind, LogEntry::Kind::order);
    log->start(listener_);
    append(*log, 10);
    EXPECT_EQ(positions(), range(1, 10));
}

TEST_F(OrderLogSqlite, entries_of_many_threads_are_settled_exactly_once_in_the_order_of_the_log) {
    constexpr std::uint32_t each = 1'000;
    const Log log = open();
    log->start(listener_);
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < 4; ++t) {
        threads.emplace_back([&log, t] {
            for (std::uint32_t i = 0; i < each; ++i)
                log->append(entry_of(order_record(t * each + i), 0, Phase::handing_over));
        });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE(listener_.hears(4 * each));

    const std::vector<KeepingListener::Told> told = listener_.told();
    EXPECT_EQ(listener_.fates().size(), 4 * each);
    for (std::size_t i = 0; i < told.size(); ++i) {
        ASSERT_TRUE(told[i].durable);
        ASSERT_EQ(told[i].entry.position, static_cast<std::int64_t>(i + 1));
    }
    EXPECT_EQ(positions(), range(1, 4 * each));
}

TEST_F(OrderLogSqlite, more_than_one_group_may_hold_is_written_as_several_in_order) {
    const Log log = open();
    log->start(listener_);
    {
        const std::unique_lock blocked = listener_.block();
        for (std::uint32_t i = 0; i < 10'000; ++i)
            log->append(entry_of(order_record(i), 0, Phase::handing_over));
    }
    ASSERT_TRUE(listener_.hears(10'000));
    for (const std::size_t group : listener_.groups()) EXPECT_LE(group, 4'096U);
    const std::vector<KeepingListener::Told> told = listener_.told();
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        ASSERT_EQ(told[i].entry.order->record.id, order_id(i));
        ASSERT_TRUE(told[i].durable);
    }
    EXPECT_EQ(positions(), range(1, 10'000));
}

TEST_F(OrderLogSqlite, stopping_settles_what_was_appended_and_refuses_what_comes_later) {
    const Log log = open();
    log->start(listener_);
    for (std::uint32_t i = 0; i < 9'000; ++i)
        log->append(entry_of(order_record(i), 0, Phase::handing_over));
    log->stop();
    EXPECT_EQ(listener_.count(), 9'000U);
    log->append(entry_of(order_record(9'000), 0, Phase::handing_over));
    log->stop();

    const std::map<std::string, std::string> fates = listener_.fates();
    EXPECT_EQ(fates.size(), 9'001U);
    for (const auto& [id, fate] : fates) {
        EXPECT_EQ(fate, id == core::to_string(order_id(9'000)) ? "lost" : "durable");
    }
    EXPECT_EQ(positions(), range(1, 9'000));
}

TEST_F(OrderLogSqlite, a_place_that_cannot_be_written_is_said_at_once) {
    EXPECT_THROW(open("/nowhere/log.db"), core::Unavailable);
}

}  // namespace
}  // namespace souk::flash
