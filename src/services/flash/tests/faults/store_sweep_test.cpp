#include "services/flash/tests/faults/store_sweep.h"

#include "flash/schema.h"
#include "services/flash/tests/orders.h"

#include <utility>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

constexpr const char* log_name = "log";
constexpr int steps_max = 500;

std::vector<LogEntry> orders(std::uint32_t first, std::uint32_t last) {
    std::vector<LogEntry> entries;
    for (std::uint32_t i = first; i <= last; ++i)
        entries.push_back(entry_of(order_record(i), i, Phase::taken));
    return entries;
}

core::Task<> nothing(Store&) { co_return; }

core::Task<> open_sale(Store& store) { co_await store.open_sale("phone", 4); }

core::Task<> persist(Store& store, std::vector<LogEntry> entries) {
    db::Transaction transaction = co_await store.begin();
    co_await store.persist(transaction, log_name, entries);
    co_await transaction.commit();
}

// The last finds no unit.
core::Task<> persist_five(Store& store) { return persist(store, orders(1, 5)); }

core::Task<> sell_two(Store& store) {
    co_await open_sale(store);
    co_await persist(store, orders(1, 2));
}

core::Task<> cancel_first(Store& store) { co_await store.cancel_confirmed(order_id(1), 3600s); }

core::Task<> bury_second(Store& store) {
    db::Transaction transaction = co_await store.begin();
    co_await store.bury(transaction, log_name, orders(2, 2).front(), true);
    co_await transaction.commit();
}

core::Task<> serve(Store& store) { co_await store.serve(log_name); }
core::Task<> serve_no_more(Store& store) { co_await store.serve_no_more(log_name); }

std::string as_text(const db::Rows& rows) {
    std::string all;
    for (const db::Values& row : rows.rows) all += db::text(row[0]) + "\n";
    return all;
}

}  // namespace

std::string StoreSweep::tables(testing::OnLoop& loop, db::Database& database) {
    static constexpr db::Sql queries[] = {
        "SELECT 'product ' || id || ' ' || stock || ' ' || epoch FROM products ORDER BY id",
        "SELECT 'order ' || id || ' ' || state || ' ' || epoch FROM orders ORDER BY id",
        "SELECT 'position ' || log || ' ' || position FROM worker_position ORDER BY log",
        "SELECT 'dead ' || log || ' ' || position FROM dead_letters ORDER BY position",
        "SELECT 'serving ' || log FROM serving"};
    std::string all;
    for (const db::Sql query : queries) all += as_text(loop.wait(database.read(query)));
    return all;
}

StoreSweep::States StoreSweep::states_without_fault(const SweptOperation& operation) {
    const auto world = GetParam().make();
    Store store(world->database(), clock_);
    loop_.wait(world->database().migrate(migrations()));
    loop_.wait(operation.before(store));
    States states;
    states.before = tables(loop_, world->database());
    loop_.wait(operation.act(store));
    states.after = tables(loop_, world->database());
    loop_.wait(operation.act(store));
    states.twice = tables(loop_, world->database());
    return states;
}

// Gives how many steps failed.
int StoreSweep::run(const SweptOperation& operation, const States& states, int n, bool lasts) {
    const auto world = GetParam().make();
    Store store(world->database(), clock_);
    loop_.wait(world->database().migrate(migrations()));
    loop_.wait(operation.before(store));
    world->fail_nth(n, lasts);
    bool done = false;
    try {
        loop_.wait(operation.act(store));
        done = true;
    } catch (const std::exception&) {
        EXPECT_GT(world->failures(), 0) << "it failed by itself";
    }
    const int failures = world->failures();
    world->heal();

    const std::string found = tables(loop_, world->database());
    if (done) {
        EXPECT_EQ(found, states.after) << "it said that it was done";
    } else {
        EXPECT_TRUE(found == states.before || found == states.after) << "half of it: " << found;
        loop_.wait(operation.act(store));
        const bool was_there = found == states.after;
        const bool twice = was_there && !operation.repeatable;
        EXPECT_EQ(tables(loop_, world->database()), twice ? states.twice : states.after);
    }
    return failures;
}

void StoreSweep::sweep(const SweptOperation& operation) {
    const States states = states_without_fault(operation);
    ASSERT_NE(states.before, states.after);
    if (operation.repeatable) ASSERT_EQ(states.after, states.twice);
    for (const bool lasts : {false, true}) {
        int n = 0;
        while (n < steps_max && run(operation, states, n, lasts) > 0) {
            if (HasFailure()) FAIL() << "step " << n << (lasts ? " and all later ones" : "");
            ++n;
        }
        EXPECT_GT(n, 0) << "nothing was made to fail";
        EXPECT_LT(n, steps_max);
    }
}

TEST_P(StoreSweep, opening_a_sale_happens_or_does_not) {
    sweep({.before = nothing, .act = open_sale, .repeatable = false});
}

TEST_P(StoreSweep, a_batch_is_written_wholly_or_not_at_all_and_never_twice) {
    sweep({.before = open_sale, .act = persist_five});
}

TEST_P(StoreSweep, a_cancel_changes_the_order_and_returns_its_unit_or_neither) {
    sweep({.before = sell_two, .act = cancel_first});
}

TEST_P(StoreSweep, a_record_is_buried_with_its_position_or_not_at_all) {
    sweep({.before = open_sale, .act = bury_second});
}

TEST_P(StoreSweep, the_serving_log_is_written_down_or_not) {
    sweep({.before = nothing, .act = serve});
}

TEST_P(StoreSweep, the_serving_log_is_crossed_out_or_not) {
    sweep({.before = serve, .act = serve_no_more});
}

}  // namespace souk::flash
