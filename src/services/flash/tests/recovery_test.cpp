#include "services/flash/recovery.h"

#include "flash/schema.h"
#include "platform/core/error.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/flaky_database.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/seeded_random.h"
#include "platform/testing/temporary_folder.h"
#include "services/flash/gate_memory.h"
#include "services/flash/tests/memory_log.h"
#include "services/flash/tests/orders.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

class Recovery : public ::testing::Test {
protected:
    Recovery() : Recovery(0) {}
    explicit Recovery(std::uint32_t max_per_user) : gate_(60s, clock_, random_, max_per_user) {
        loop_.wait(database_.migrate(migrations()));
    }

    Recovered run() { return loop_.wait(recover({gate_, log_, backlog_, store_, clock_, 60s})); }
    void open_sale(std::int64_t quantity, const std::string& product = "phone") {
        loop_.wait(store_.open_sale(product, quantity));
    }
    PendingOrderPtr put(std::uint32_t number, Epoch epoch = 1,
                        const std::string& product = "phone") {
        LogEntry entry = entry_of(order_record(number, product, epoch), ++position_);
        log_.put(entry);
        return entry.order;
    }
    void put_cancellation(std::uint32_t number) {
        // As the log reads it: an order of its own, whose time is that of the cancellation.
        OrderRecord record = order_record(number);
        record.accepted_at_ms = test_time_ms + 500;
        log_.put(cancellation_of(std::make_shared<PendingOrder>(record), ++position_));
    }
    void persist(std::vector<LogEntry> entries) {
        const auto write = [](Store& store, std::string log,
                              std::vector<LogEntry> all) -> core::Task<> {
            db::Transaction transaction = co_await store.begin();
            co_await store.persist(transaction, log, all);
            co_await transaction.commit();
        };
        loop_.wait(write(store_, log_.identity(), std::move(entries)));
    }
    std::int64_t stock(const std::string& product = "phone") {
        return loop_.wait(gate_.stock(product)).value_or(-1);
    }
    Admission admission(std::uint32_t number) {
        const std::string key = key_of(number);
        return loop_.wait(gate_.admit({key, "phone", order_id(900)})).admission;
    }

    testing::TemporaryFolder folder_;
    testing::OnLoop loop_;
    testing::FixedClock clock_;
    testing::SeededRandom random_;
    testing::FlakyDatabase database_{db::open({.file = folder_.path() / "flash.db"})};
    Store store_{database_, clock_};
    MemoryGate gate_;
    Backlog backlog_{2};
    MemoryLog log_;
    std::int64_t position_ = 0;
};

TEST_F(Recovery, nothing_on_disk_is_nothing_recovered) {
    const Recovered found = run();
    EXPECT_EQ(found.products, 0U);
    EXPECT_EQ(found.keys, 0U);
    EXPECT_EQ(found.backlog, 0U);
    EXPECT_EQ(found.short_units, 0U);
    EXPECT_EQ(stock(), -1);
}

TEST_F(Recovery, the_gate_has_the_rows_stock_less_what_is_not_written_yet) {
    open_sale(10);
    open_sale(5, "tablet");
    open_sale(7, "watch");
    const PendingOrderPtr written = put(1);
    persist(log_.stored());
    for (std::uint32_t i = 2; i <= 4; ++i) put(i);
    put(5, 1, "tablet");
    written->phase = Phase::pending;  // as a new process reads it

    const Recovered found = run();

    EXPECT_EQ(found.products, 3U);
    EXPECT_EQ(found.backlog, 4U) << "beyond the backlog's bound all the same";
    EXPECT_EQ(found.keys, 5U);
    EXPECT_EQ(found.short_units, 0U);
    EXPECT_EQ(stock(), 6);
    EXPECT_EQ(stock("tablet"), 4);
    for (const SaleFigures& sale : gate_.sales(3)) {
        EXPECT_EQ(sale.accepted, 0) << "since this start";
        EXPECT_EQ(sale.quantity, sale.product_id == "phone"    ? 10
                                 : sale.product_id == "tablet" ? 5
                                                               : 7);
    }
    EXPECT_EQ(stock("watch"), 7);
    EXPECT_EQ(log_.consumed_position(), 1);
}

TEST_F(Recovery, what_is_not_written_waits_for_the_worker_in_order_and_can_be_found) {
    open_sale(10);
    put(1);
    put(2);
    put(3);
    run();
    EXPECT_NE(backlog_.find(order_id(2)), nullptr);
    EXPECT_NE(backlog_.find_by_key(key_of(3)), nullptr);
    EXPECT_TRUE(backlog_.find(order_id(1))->handed_over.is_set()) << "nobody waits for it again";
    const std::vector<LogEntry> taken = backlog_.take(100);
    ASSERT_EQ(taken.size(), 3U);
    for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(taken[i].position, i + 1);
}

TEST_F(Recovery, orders_of_an_earlier_sale_take_nothing_from_this_one) {
    open_sale(10);
    open_sale(8);
    put(1, 1);
    put(2, 1);
    put(3, 2);
    const Recovered found = run();
    EXPECT_EQ(stock(), 7);
    EXPECT_EQ(found.backlog, 3U);
    EXPECT_EQ(found.short_units, 0U);
    EXPECT_EQ(loop_.wait(gate_.admit({"fresh", "phone", order_id(9)})).epoch, 2U);
}

TEST_F(Recovery, cancelled_orders_take_no_unit_and_are_written_as_cancelled) {
    open_sale(10);
    put(1);
    put(2);
    put_cancellation(1);
    run();
    EXPECT_EQ(stock(), 9);
    EXPECT_EQ(backlog_.find(order_id(1))->phase, Phase::cancelled);
    EXPECT_EQ(backlog_.find(order_id(1))->cancelled_at_ms, test_time_ms + 500);

    persist(backlog_.take(100));

    EXPECT_EQ(loop_.wait(store_.sales())[0].stock, 9);
    EXPECT_EQ(loop_.wait(store_.find(order_id(1)))->state, OrderState::cancelled);
    EXPECT_EQ(loop_.wait(store_.find(order_id(2)))->state, OrderState::confirmed);
    EXPECT_EQ(admission(1), Admission::duplicate) << "the key of a cancelled order stays used";
}

TEST_F(Recovery, broken_entries_are_passed_on_and_count_for_nothing) {
    open_sale(10);
    put(1);
    log_.put(broken_entry("no sense", ++position_));
    put(3);
    const Recovered found = run();
    EXPECT_EQ(stock(), 8);
    EXPECT_EQ(found.backlog, 2U);
    EXPECT_EQ(backlog_.queued(), 3U);
}

TEST_F(Recovery, keys_live_for_what_is_left_of_their_life) {
    open_sale(10);
    put(1);
    put(2);
    clock_.advance(40s);
    EXPECT_EQ(run().keys, 2U);
    EXPECT_EQ(admission(1), Admission::duplicate);
    clock_.advance(19s);
    EXPECT_EQ(admission(1), Admission::duplicate);
    clock_.advance(1s + 1ms);
    EXPECT_EQ(admission(1), Admission::admitted);
}

TEST_F(Recovery, keys_of_written_orders_live_as_well) {
    open_sale(10);
    put(1);
    persist(log_.stored());
    EXPECT_EQ(run().keys, 1U);
    EXPECT_EQ(admission(1), Admission::duplicate);
    EXPECT_EQ(stock(), 9);
}

TEST_F(Recovery, outlived_keys_are_not_restored) {
    open_sale(10);
    put(1);
    clock_.advance(61s);
    const Recovered found = run();
    EXPECT_EQ(found.keys, 0U);
    EXPECT_EQ(found.backlog, 1U) << "the order itself is not forgotten";
    EXPECT_EQ(admission(1), Admission::admitted);
}

TEST_F(Recovery, a_clock_that_was_set_back_makes_no_key_live_longer_than_its_life) {
    open_sale(10);
    put(1);
    clock_.set(core::from_ms(test_time_ms - 3'600'000));
    EXPECT_EQ(run().keys, 1U);
    clock_.advance(60s - 1ms);
    EXPECT_EQ(admission(1), Admission::duplicate);
    clock_.advance(1ms);
    EXPECT_EQ(admission(1), Admission::admitted);
}

TEST_F(Recovery, a_clock_that_was_set_far_forward_does_no_harm) {
    open_sale(10);
    put(1);
    clock_.set(core::from_ms(test_time_ms + 100LL * 365 * 86'400'000));
    const Recovered found = run();
    EXPECT_EQ(found.keys, 0U);
    EXPECT_EQ(stock(), 9);
}

TEST_F(Recovery, orders_beyond_the_rows_stock_are_reported_and_the_gate_sells_nothing) {
    open_sale(2);
    for (std::uint32_t i = 1; i <= 5; ++i) put(i);
    const Recovered found = run();
    EXPECT_EQ(found.short_units, 3U);
    EXPECT_EQ(stock(), 0);
    EXPECT_EQ(found.backlog, 5U);
}

TEST_F(Recovery, a_database_that_does_not_answer_leaves_everything_as_it_was) {
    open_sale(10);
    put(1);
    for (int n = 0; n < 2; ++n) {
        database_.fail_nth(n, testing::Failing::unavailable);
        EXPECT_THROW(run(), core::Unavailable);
        EXPECT_EQ(stock(), -1);
        EXPECT_EQ(gate_.keys(), 0U);
        EXPECT_EQ(backlog_.size(), 0U);
    }
    database_.heal();
    EXPECT_EQ(run().backlog, 1U);
    EXPECT_EQ(stock(), 9);
    EXPECT_EQ(gate_.buyers(), 0U) << "without a limit nobody asks";
}

// --- Who bought what ----------------------------------------------------------------------------

constexpr db::Sql archive_all = "INSERT INTO orders_archive SELECT * FROM orders";
constexpr db::Sql delete_all = "DELETE FROM orders";
constexpr db::Sql insert_foreign =
    "INSERT INTO orders (id, product_id, user_id) VALUES ('z', 'phone', 'anna')";
constexpr db::Sql fail_all = "UPDATE orders SET state = 'failed'";

class RecoveryOfBuyers : public Recovery {
protected:
    RecoveryOfBuyers() : Recovery(2) {}

    PendingOrderPtr put_of(const std::string& user, std::uint32_t number, Epoch epoch = 1) {
        OrderRecord record = order_record(number, "phone", epoch);
        record.user_id = user;
        LogEntry entry = entry_of(std::move(record), ++position_);
        log_.put(entry);
        return entry.order;
    }
    void cancel_row(std::uint32_t number) {
        loop_.wait(store_.cancel_confirmed(order_id(number), 3600s));
    }
    void bury(LogEntry entry) {
        const auto write = [](Store& store, std::string log, LogEntry one) -> core::Task<> {
            db::Transaction transaction = co_await store.begin();
            co_await store.bury(transaction, log, std::move(one), true);
            co_await transaction.commit();
        };
        loop_.wait(write(store_, log_.identity(), std::move(entry)));
    }
    int places_left(const std::string& user) {
        int places = 0;
        for (;; ++places) {
            const std::string key = "place-" + std::to_string(++tries_);
            const Verdict verdict =
                loop_.wait(gate_.admit({key, "phone", order_id(5'000 + tries_), user}));
            if (verdict.admission != Admission::admitted) return places;
        }
    }

    std::uint32_t tries_ = 0;
};

TEST_F(RecoveryOfBuyers, units_in_the_table_in_the_archive_and_in_the_log_count) {
    open_sale(100);
    put_of("archived", 1);
    persist(log_.stored());
    loop_.wait(database_.write(archive_all));
    loop_.wait(database_.write(delete_all));
    put_of("written", 2);
    put_of("twice", 3);
    persist({log_.stored()[1], log_.stored()[2]});
    put_of("waiting", 4)->phase = Phase::pending;
    put_of("twice", 5);

    const Recovered found = run();

    EXPECT_EQ(found.buyers, 4U);
    EXPECT_EQ(gate_.buyers(), 4U);
    for (const std::string user : {"archived", "written", "waiting"}) {
        EXPECT_EQ(places_left(user), 1) << user;
    }
    EXPECT_EQ(places_left("twice"), 0);
    EXPECT_EQ(places_left("nobody"), 2);
}

TEST_F(RecoveryOfBuyers, cancelled_orders_do_not_count_wherever_they_are) {
    open_sale(100);
    put_of("anna", 1);
    persist(log_.stored());
    cancel_row(1);
    put_of("anna", 2);
    put_cancellation(2);
    EXPECT_EQ(run().buyers, 0U);
    EXPECT_EQ(places_left("anna"), 2);
}

TEST_F(RecoveryOfBuyers, failed_orders_and_dead_letters_count) {
    open_sale(100);
    put_of("failed", 1);
    persist(log_.stored());
    loop_.wait(database_.write(fail_all));
    bury(entry_of(put_of("dead \\ letter", 2)->record, 2));
    LogEntry cancelled = entry_of(put_of("given back", 3)->record, 3, Phase::cancelled);
    cancelled.order->cancelled_at_ms = test_time_ms;
    bury(std::move(cancelled));
    bury(broken_entry("no sense", 4));
    EXPECT_EQ(run().buyers, 2U);
    EXPECT_EQ(places_left("failed"), 1);
    EXPECT_EQ(places_left("dead \\ letter"), 1);
}

TEST_F(RecoveryOfBuyers, orders_of_earlier_sales_and_of_nobodys_do_not_count) {
    open_sale(100);
    put_of("anna", 1);
    persist(log_.stored());
    open_sale(100);
    put_of("anna", 2, 1);
    loop_.wait(database_.write(insert_foreign));
    EXPECT_EQ(run().buyers, 0U);
    EXPECT_EQ(places_left("anna"), 2);
}

TEST_F(RecoveryOfBuyers, more_orders_than_a_page_are_all_read) {
    constexpr std::uint32_t orders = 45'000;
    open_sale(1'000'000);
    std::vector<LogEntry> entries;
    for (std::uint32_t i = 1; i <= orders; ++i) {
        OrderRecord record = order_record(i);
        record.user_id = "user-" + std::to_string(i % 15'000);
        entries.push_back(entry_of(std::move(record), i));
    }
    persist(std::move(entries));
    EXPECT_EQ(run().buyers, 15'000U);
    EXPECT_EQ(places_left("user-7"), 0) << "three, which is more than one may have now";
    EXPECT_EQ(places_left("somebody"), 2);
}

TEST_F(RecoveryOfBuyers, a_database_that_fails_at_any_call_leaves_nothing_half_counted) {
    open_sale(100);
    put_of("anna", 1);
    persist(log_.stored());
    put_of("bert", 2);
    int n = 0;
    for (; n < 50; ++n) {
        database_.fail_nth(n, testing::Failing::unavailable);
        try {
            run();
            break;
        } catch (const core::Unavailable&) {
            EXPECT_EQ(gate_.buyers(), 0U);
            EXPECT_EQ(stock(), -1);
            EXPECT_EQ(backlog_.size(), 0U);
        }
    }
    EXPECT_EQ(n, 5) << "sales, position, orders, archive, dead letters";
    EXPECT_EQ(places_left("anna"), 1);
    EXPECT_EQ(places_left("bert"), 1);
}

}  // namespace
}  // namespace souk::flash
