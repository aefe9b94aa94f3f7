#include "services/flash/tests/faults/store_sweep.h"

#include "flash/schema.h"
#include "platform/core/error.h"
#include "services/flash/backlog.h"
#include "services/flash/dead_letters.h"
#include "services/flash/retention.h"
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

core::Task<> nothing(Swept&) { co_return; }

core::Task<> open_sale(Swept& on) { co_await on.store.open_sale("phone", 4); }

core::Task<> persist(Swept& on, std::vector<LogEntry> entries) {
    db::Transaction transaction = co_await on.store.begin();
    co_await on.store.persist(transaction, log_name, entries);
    co_await transaction.commit();
}

// The last finds no unit.
core::Task<> persist_five(Swept& on) { return persist(on, orders(1, 5)); }

core::Task<> sell_two(Swept& on) {
    co_await open_sale(on);
    co_await persist(on, orders(1, 2));
}

core::Task<> cancel_first(Swept& on) { co_await on.store.cancel_confirmed(order_id(1), 3600s); }

core::Task<> bury_second(Swept& on) {
    db::Transaction transaction = co_await on.store.begin();
    co_await on.store.bury(transaction, log_name, orders(2, 2).front(), true);
    co_await transaction.commit();
}

core::Task<> serve(Swept& on) { co_await on.store.serve(log_name); }
core::Task<> serve_no_more(Swept& on) { co_await on.store.serve_no_more(log_name); }

core::Task<> bury_and_sell_none(Swept& on) {
    co_await open_sale(on);
    co_await bury_second(on);
}

core::Task<> retry_second(Swept& on) {
    const std::int64_t now_ms = core::to_ms(on.clock.now());
    const Retried retried = co_await retry_dead_letters(on.database, 2, now_ms);
    if (!retried.refusal.empty()) throw core::Unavailable(retried.refusal);
}

core::Task<> retire(Swept& on, bool archive) {
    metrics::Registry registry;
    const Backlog backlog(1);
    testing::FixedClock later;
    later.advance(2h);
    Retention retention({on.database, backlog, later, registry}, {.keep = 1h, .archive = archive});
    co_await retention.remove_some();
}

core::Task<> delete_old(Swept& on) { co_await retire(on, false); }
core::Task<> archive_old(Swept& on) { co_await retire(on, true); }

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
        "SELECT 'archived ' || id || ' ' || state || ' ' || epoch FROM orders_archive ORDER BY id",
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
    Swept on{store, world->database(), clock_};
    loop_.wait(world->database().migrate(migrations()));
    loop_.wait(operation.before(on));
    States states;
    states.before = tables(loop_, world->database());
    loop_.wait(operation.act(on));
    states.after = tables(loop_, world->database());
    loop_.wait(operation.act(on));
    states.twice = tables(loop_, world->database());
    return states;
}

// Gives how many steps failed.
int StoreSweep::run(const SweptOperation& operation, const States& states, int n, bool lasts) {
    const auto world = GetParam().make();
    Store store(world->database(), clock_);
    Swept on{store, world->database(), clock_};
    loop_.wait(world->database().migrate(migrations()));
    loop_.wait(operation.before(on));
    world->fail_nth(n, lasts);
    bool done = false;
    try {
        loop_.wait(operation.act(on));
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
        loop_.wait(operation.act(on));
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

TEST_P(StoreSweep, a_dead_letter_becomes_an_order_or_stays) {
    sweep({.before = bury_and_sell_none, .act = retry_second});
}

TEST_P(StoreSweep, old_orders_leave_together_or_stay) {
    sweep({.before = sell_two, .act = delete_old});
}

TEST_P(StoreSweep, old_orders_move_into_the_archive_or_stay) {
    sweep({.before = sell_two, .act = archive_old});
}

TEST_P(StoreSweep, the_serving_log_is_written_down_or_not) {
    sweep({.before = nothing, .act = serve});
}

TEST_P(StoreSweep, the_serving_log_is_crossed_out_or_not) {
    sweep({.before = serve, .act = serve_no_more});
}

}  // namespace souk::flash
