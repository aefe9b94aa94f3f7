#include "services/flash/tests/store_test.h"

#include "flash/schema.h"
#include "services/flash/reports.h"
#include "services/flash/tests/orders.h"

#include <map>
#include <optional>
#include <regex>
#include <string>
#include <utility>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr db::Sql count_orders = "SELECT count(*) FROM orders";
constexpr db::Sql count_letters = "SELECT count(*) FROM dead_letters";
constexpr db::Sql select_dead_letter = "SELECT position, record, reason FROM dead_letters";
constexpr db::Sql delete_product = "DELETE FROM products WHERE id = $1";
constexpr db::Sql archive_orders = "INSERT INTO orders_archive SELECT * FROM orders";
constexpr db::Sql forget_quantities = "UPDATE products SET quantity = NULL";
constexpr db::Sql set_stock = "UPDATE products SET stock = $2 WHERE id = $1";
constexpr db::Sql insert_foreign =
    "INSERT INTO orders (id, product_id, user_id) VALUES ($1, $2, $3)";
constexpr db::Sql select_documented =
    "SELECT id, product_id, user_id, created_at FROM orders WHERE product_id = $1";

std::vector<LogEntry> orders(std::uint32_t first, std::uint32_t last, Epoch epoch = 1) {
    std::vector<LogEntry> entries;
    for (std::uint32_t i = first; i <= last; ++i)
        entries.push_back(entry_of(order_record(i, "phone", epoch), i, Phase::taken));
    return entries;
}

}  // namespace

StoreTest::StoreTest() : database_(db::open(GetParam().fresh_place())), store_(*database_, clock_) {
    loop_.wait(database_->migrate(migrations()));
}

std::size_t StoreTest::persist(std::vector<LogEntry> entries, const std::string& log) {
    return loop_.wait(persist_and_commit(log, std::move(entries)));
}

core::Task<std::size_t> StoreTest::persist_and_commit(std::string log,
                                                      std::vector<LogEntry> entries) {
    db::Transaction transaction = co_await store_.begin();
    const std::size_t failed = co_await store_.persist(transaction, log, entries);
    co_await transaction.commit();
    co_return failed;
}

core::Task<> StoreTest::persist_and_leave(std::string log, std::vector<LogEntry> entries) {
    db::Transaction transaction = co_await store_.begin();
    co_await store_.persist(transaction, log, entries);
}

Epoch StoreTest::open_sale(std::int64_t quantity, const std::string& product) {
    return loop_.wait(store_.open_sale(product, quantity));
}

std::int64_t StoreTest::stock(const std::string& product) {
    for (const Sale& sale : loop_.wait(store_.sales())) {
        if (sale.product_id == product) return sale.stock;
    }
    return -1;
}

std::string StoreTest::state(std::uint32_t order_number) {
    const std::optional<OrderStatus> found = loop_.wait(store_.find(order_id(order_number)));
    return found ? std::string(name(found->state)) : "none";
}

std::int64_t StoreTest::count(db::Sql sql) {
    return db::integer(loop_.wait(database_->read(sql))[0][0]);
}

TEST_P(StoreTest, every_sale_of_a_product_has_the_next_number_and_its_own_stock) {
    EXPECT_EQ(open_sale(100), 1U);
    EXPECT_EQ(open_sale(7), 2U);
    EXPECT_EQ(open_sale(2'147'483'647, "tablet"), 1U);
    EXPECT_EQ(open_sale(0), 3U);
    const std::vector<Sale> sales = loop_.wait(store_.sales());
    EXPECT_EQ(sales.size(), 2U);
    EXPECT_EQ(stock("phone"), 0);
    EXPECT_EQ(stock("tablet"), 2'147'483'647);
}

TEST_P(StoreTest, orders_lower_the_stock_of_their_sale_and_move_the_position) {
    open_sale(10);
    open_sale(5, "tablet");
    std::vector<LogEntry> batch = orders(1, 3);
    batch.push_back(entry_of(order_record(4, "tablet"), 4, Phase::taken));
    clock_.advance(1s);

    EXPECT_EQ(persist(batch), 0U);

    EXPECT_EQ(stock(), 7);
    EXPECT_EQ(stock("tablet"), 4);
    EXPECT_EQ(loop_.wait(store_.position("log")), 4);
    EXPECT_EQ(loop_.wait(store_.position("another")), 0);
    const std::optional<OrderStatus> found = loop_.wait(store_.find(order_id(2)));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, order_id(2));
    EXPECT_EQ(found->product_id, "phone");
    EXPECT_EQ(found->user_id, "user-2");
    EXPECT_EQ(found->state, OrderState::confirmed);
    EXPECT_EQ(found->accepted_at_ms, test_time_ms + 2);
    EXPECT_EQ(found->updated_at_ms, test_time_ms + 1'000);
}

TEST_P(StoreTest, the_columns_of_the_contract_are_there) {
    open_sale(10);
    persist(orders(1, 1));
    const db::Rows rows = loop_.wait(database_->read(select_documented, "phone"));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(db::text(rows[0][0]), core::to_string(order_id(1)));
    EXPECT_EQ(db::text(rows[0][2]), "user-1");
    EXPECT_FALSE(db::is_null(rows[0][3]));
}

TEST_P(StoreTest, a_transaction_that_is_left_changes_nothing) {
    open_sale(10);
    loop_.wait(persist_and_leave("log", orders(1, 3)));
    EXPECT_EQ(stock(), 10);
    EXPECT_EQ(loop_.wait(store_.position("log")), 0);
    EXPECT_EQ(count(count_orders), 0);
}

TEST_P(StoreTest, the_same_batch_again_changes_nothing) {
    open_sale(10);
    persist(orders(1, 4));
    EXPECT_EQ(persist(orders(1, 4)), 0U);
    EXPECT_EQ(persist(orders(3, 6)), 0U);
    EXPECT_EQ(stock(), 4);
    EXPECT_EQ(count(count_orders), 6);
    EXPECT_EQ(loop_.wait(store_.position("log")), 6);
}

TEST_P(StoreTest, orders_of_an_earlier_sale_are_kept_and_leave_the_stock) {
    open_sale(10);
    open_sale(10);
    std::vector<LogEntry> batch = orders(1, 3, 1);
    const std::vector<LogEntry> newer = orders(4, 5, 2);
    batch.insert(batch.end(), newer.begin(), newer.end());

    EXPECT_EQ(persist(batch), 0U);

    EXPECT_EQ(stock(), 8);
    for (std::uint32_t i = 1; i <= 5; ++i) EXPECT_EQ(state(i), "confirmed");
}

TEST_P(StoreTest, a_sale_remembers_its_quantity_unless_its_row_is_older_than_that) {
    open_sale(5);
    open_sale(10);
    persist({order_entry(1, 1)});
    EXPECT_EQ(loop_.wait(store_.sales()).at(0).quantity, 10);

    loop_.wait(database_->write(forget_quantities));

    EXPECT_EQ(loop_.wait(store_.sales()).at(0).quantity, std::nullopt);
    open_sale(0);
    EXPECT_EQ(loop_.wait(store_.sales()).at(0).quantity, 0);
}

std::vector<std::string> users(const std::vector<Store::Bought>& units) {
    std::vector<std::string> names;
    for (const Store::Bought& unit : units) {
        EXPECT_EQ(unit.product_id, "phone");
        EXPECT_EQ(unit.epoch, 1U);
        names.push_back(unit.user_id);
    }
    return names;
}

core::Task<> bury(Store& store, LogEntry entry, bool with_contents) {
    db::Transaction transaction = co_await store.begin();
    co_await store.bury(transaction, "log", std::move(entry), with_contents);
    co_await transaction.commit();
}

TEST_P(StoreTest, who_bought_is_told_by_every_table_without_the_cancelled_ones) {
    open_sale(10);
    persist({order_entry(1, 1), order_entry(2, 2), order_entry(3, 3)});
    loop_.wait(store_.cancel_confirmed(order_id(2), 60s));
    loop_.wait(bury(store_, order_entry(4, 4), true));
    loop_.wait(bury(store_, order_entry(5, 5), false));  // whose record says nothing
    loop_.wait(bury(store_, broken_entry("no sense", 6), true));

    const Store::BoughtPage page = loop_.wait(store_.bought(Store::OrderTable::orders, ""));

    EXPECT_EQ(users(page.units), (std::vector<std::string>{"user-1", "user-3"}));
    EXPECT_EQ(page.last, std::nullopt) << "there is no further page";
    EXPECT_EQ(users(loop_.wait(store_.bought_dead())), (std::vector<std::string>{"user-4"}));
    loop_.wait(database_->write(archive_orders));
    EXPECT_EQ(
        users(loop_.wait(store_.bought(Store::OrderTable::archive, core::to_string(order_id(1))))
                  .units),
        (std::vector<std::string>{"user-3"}))
        << "after the first";
}

TEST_P(StoreTest, orders_without_a_products_row_are_kept_as_failed) {
    open_sale(10);
    loop_.wait(database_->write(delete_product, "phone"));
    EXPECT_EQ(persist(orders(1, 3)), 3U);
    for (std::uint32_t i = 1; i <= 3; ++i) EXPECT_EQ(state(i), "failed");
    EXPECT_EQ(loop_.wait(store_.position("log")), 3);
}

TEST_P(StoreTest, an_order_that_failed_in_a_try_without_effect_has_not_failed) {
    open_sale(10);
    const std::vector<LogEntry> batch = orders(1, 2);
    loop_.wait(database_->write(set_stock, "phone", 1));
    loop_.wait(persist_and_leave("log", batch));
    EXPECT_TRUE(batch[1].order->has_failed);
    loop_.wait(database_->write(set_stock, "phone", 10));
    EXPECT_EQ(persist(batch), 0U);
    EXPECT_FALSE(batch[1].order->has_failed);
}

TEST_P(StoreTest, orders_beyond_the_rows_stock_are_kept_as_failed_the_latest_first) {
    open_sale(10);
    loop_.wait(database_->write(set_stock, "phone", 2));
    EXPECT_EQ(persist(orders(1, 5)), 3U);
    EXPECT_EQ(stock(), 0);
    EXPECT_EQ(state(1), "confirmed");
    EXPECT_EQ(state(2), "confirmed");
    for (std::uint32_t i = 3; i <= 5; ++i) EXPECT_EQ(state(i), "failed");
    EXPECT_EQ(persist(orders(1, 5)), 0U) << "nothing is counted twice";
    EXPECT_EQ(stock(), 0);
}

TEST_P(StoreTest, a_row_that_somebody_set_below_zero_sells_nothing) {
    open_sale(10);
    loop_.wait(database_->write(set_stock, "phone", -3));
    EXPECT_EQ(persist(orders(1, 2)), 2U);
    EXPECT_EQ(stock(), -3);
}

TEST_P(StoreTest, an_order_of_a_sale_the_row_does_not_know_yet_is_failed) {
    open_sale(10);
    EXPECT_EQ(persist(orders(1, 2, 7)), 2U);
    EXPECT_EQ(stock(), 10);
    EXPECT_EQ(state(1), "failed");
}

TEST_P(StoreTest, cancelled_orders_keep_the_stock) {
    open_sale(10);
    std::vector<LogEntry> batch = orders(1, 2);
    batch[0].order->phase = Phase::cancelled;
    batch[0].order->cancelled_at_ms = test_time_ms + 99;
    batch.push_back(cancellation_of(batch[0].order, 3));

    EXPECT_EQ(persist(batch), 0U);

    EXPECT_EQ(stock(), 9);
    EXPECT_EQ(state(1), "cancelled");
    EXPECT_EQ(state(2), "confirmed");
    EXPECT_EQ(loop_.wait(store_.find(order_id(1)))->updated_at_ms, test_time_ms + 99);
    EXPECT_EQ(loop_.wait(store_.position("log")), 3);
}

TEST_P(StoreTest, broken_entries_go_to_the_dead_letters_and_the_others_are_written) {
    open_sale(10);
    std::vector<LogEntry> batch = orders(1, 1);
    batch.push_back(broken_entry("no sense: it's \"odd\"", 2));
    batch.push_back(entry_of(order_record(3), 3, Phase::taken));

    persist(batch);
    persist(batch);

    EXPECT_EQ(stock(), 8);
    const std::vector<DeadLetterRow> letters = loop_.wait(list_dead_letters(*database_, {}));
    ASSERT_EQ(letters.size(), 1U);
    EXPECT_EQ(letters[0].position, 2);
    EXPECT_EQ(letters[0].record, "no sense: it's \"odd\"");
    EXPECT_EQ(letters[0].reason, "cannot be read");
    EXPECT_TRUE(std::regex_match(letters[0].created_at,
                                 std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")))
        << letters[0].created_at;
    EXPECT_EQ(loop_.wait(store_.position("log")), 3);
}

TEST_P(StoreTest, batches_without_orders_move_the_position) {
    const LogEntry order = order_entry(1, 1);
    EXPECT_EQ(persist({cancellation_of(order.order, 5)}), 0U);
    EXPECT_EQ(loop_.wait(store_.position("log")), 5);
    EXPECT_EQ(persist({broken_entry("no sense", 6)}), 0U);
    EXPECT_EQ(loop_.wait(store_.position("log")), 6);
    EXPECT_EQ(count(count_orders), 0);
    EXPECT_EQ(count(count_letters), 1);
}

TEST_P(StoreTest, what_is_buried_says_all_that_was_known_of_it) {
    const auto bury = [](Store& store) -> core::Task<> {
        db::Transaction transaction = co_await store.begin();
        co_await store.bury(transaction, "log", order_entry(9, 42), true);
        co_await transaction.commit();
    };
    loop_.wait(bury(store_));
    loop_.wait(bury(store_));
    const db::Rows rows = loop_.wait(database_->read(select_dead_letter));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0], db::values(42,
                                  "order " + core::to_string(order_id(9)) +
                                      " product phone user user-9 key key-9 epoch 1 accepted_at " +
                                      std::to_string(test_time_ms + 9),
                                  "the database refused it"));
    EXPECT_EQ(loop_.wait(store_.position("log")), 42);
}

TEST_P(StoreTest, two_logs_have_a_position_each) {
    open_sale(10);
    persist(orders(1, 2), "one");
    persist(orders(3, 9), "other");
    EXPECT_EQ(loop_.wait(store_.position("one")), 2);
    EXPECT_EQ(loop_.wait(store_.position("other")), 9);
}

TEST_P(StoreTest, a_settled_position_is_the_position_and_stays_it) {
    EXPECT_EQ(loop_.wait(store_.settled_position("log")), 0) << "of a new log";
    open_sale(10);
    persist(orders(1, 4));
    EXPECT_EQ(loop_.wait(store_.settled_position("log")), 4);
    EXPECT_EQ(loop_.wait(store_.settled_position("log")), 4);
    EXPECT_EQ(loop_.wait(store_.position("log")), 4);
}

TEST_P(StoreTest, whether_there_are_tables_is_told_before_there_are_any) {
    const std::unique_ptr<db::Database> empty = db::open(GetParam().fresh_place());
    EXPECT_FALSE(loop_.wait(Store(*empty, clock_).has_tables()));
    EXPECT_TRUE(loop_.wait(store_.has_tables()));
}

TEST_P(StoreTest, unknown_orders_are_not_found) {
    EXPECT_EQ(loop_.wait(store_.find(order_id(1))), std::nullopt);
    EXPECT_EQ(loop_.wait(store_.find_by_key("key-1")), std::nullopt);
    open_sale(10);
    persist(orders(1, 3));
    EXPECT_EQ(loop_.wait(store_.find(order_id(9))), std::nullopt);
    EXPECT_EQ(loop_.wait(store_.find_by_key("key-9")), std::nullopt);
    EXPECT_EQ(loop_.wait(store_.find_by_key("")), std::nullopt);
}

TEST_P(StoreTest, a_key_finds_its_newest_order_in_whatever_bucket) {
    open_sale(1'000);
    const auto with_key = [](std::uint32_t number, std::int64_t position) {
        OrderRecord record = order_record(number);
        record.key = "shared";
        return entry_of(record, position, Phase::taken);
    };
    persist({with_key(1, 10)});
    EXPECT_EQ(loop_.wait(store_.find_by_key("shared"))->id, order_id(1));
    persist({with_key(2, 70'000), order_entry(3, 70'001)});
    EXPECT_EQ(loop_.wait(store_.find_by_key("shared"))->id, order_id(2));
    persist({order_entry(4, 1'000'000)});
    EXPECT_EQ(loop_.wait(store_.find_by_key("shared"))->id, order_id(2));
    EXPECT_EQ(loop_.wait(store_.find_by_key("key-3"))->id, order_id(3));
    EXPECT_EQ(loop_.wait(store_.find_by_key("key-4"))->id, order_id(4));
}

TEST_P(StoreTest, rows_that_another_program_wrote_do_no_harm) {
    loop_.wait(database_->write(insert_foreign, "no-uuid", "phone", "somebody"));
    loop_.wait(database_->write(insert_foreign, core::to_string(order_id(7)), "phone", "somebody"));
    const std::optional<OrderStatus> found = loop_.wait(store_.find(order_id(7)));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->state, OrderState::confirmed);
    EXPECT_EQ(found->accepted_at_ms, 0);
    EXPECT_EQ(loop_.wait(store_.find_by_key("no-uuid")), std::nullopt);
}

TEST_P(StoreTest, a_confirmed_order_can_be_cancelled_once_and_within_the_window_only) {
    open_sale(10);
    persist(orders(1, 2));
    clock_.advance(10s);
    EXPECT_FALSE(loop_.wait(store_.cancel_confirmed(order_id(1), 5s)));
    EXPECT_FALSE(loop_.wait(store_.cancel_confirmed(order_id(9), 60s)));
    const auto returned = loop_.wait(store_.cancel_confirmed(order_id(1), 60s));
    ASSERT_TRUE(returned);
    EXPECT_EQ(returned->product_id, "phone");
    EXPECT_EQ(returned->epoch, 1U);
    EXPECT_FALSE(loop_.wait(store_.cancel_confirmed(order_id(1), 60s)));
    EXPECT_EQ(stock(), 9);
    EXPECT_EQ(state(1), "cancelled");
    EXPECT_TRUE(loop_.wait(store_.find_cancelled(order_id(1))));
    EXPECT_FALSE(loop_.wait(store_.find_cancelled(order_id(2))));

    open_sale(3);
    EXPECT_TRUE(loop_.wait(store_.cancel_confirmed(order_id(2), 60s)));
    EXPECT_EQ(stock(), 3) << "the unit belonged to the earlier sale";
}

TEST_P(StoreTest, a_large_batch_of_many_products_is_counted_exactly) {
    std::vector<LogEntry> batch;
    std::map<std::string, std::int64_t> sold;
    for (int i = 0; i < 20; ++i) open_sale(1'000, "p" + std::to_string(i));
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        const std::string product = "p" + std::to_string(i * i % 20);
        ++sold[product];
        batch.push_back(entry_of(order_record(i, product), i + 1, Phase::taken));
    }
    EXPECT_EQ(persist(batch), 0U);
    EXPECT_EQ(count(count_orders), 2'000);
    for (const Sale& sale : loop_.wait(store_.sales()))
        EXPECT_EQ(sale.stock, 1'000 - sold[sale.product_id]) << sale.product_id;
}

TEST_P(StoreTest, ping_answers) { EXPECT_NO_THROW(loop_.wait(store_.ping())); }

}  // namespace souk::flash
