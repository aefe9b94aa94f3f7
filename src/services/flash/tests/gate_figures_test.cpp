// What the gate tells of its sales.
#include "services/flash/tests/gate_test.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

class GateFigures : public GateTest {
protected:
    void complete(std::uint32_t number) {
        admit(number);
        gate_.complete(order_record(number));
    }
    SaleFigures figures() { return gate_.sales(1).at(0); }
    std::vector<std::string> names(std::size_t max) {
        std::vector<std::string> all;
        for (const SaleFigures& each : gate_.sales(max)) all.push_back(each.product_id);
        return all;
    }
};

TEST_F(GateFigures, without_a_sale_there_are_none) {
    EXPECT_EQ(gate_.products(), 0U);
    EXPECT_TRUE(gate_.sales(10).empty());
}

TEST_F(GateFigures, every_outcome_of_an_order_is_counted) {
    open(2);
    complete(1);
    complete(2);
    admit(3);                       // sold out
    admit(4);                       // sold out
    admit(key_of(1), order_id(5));  // duplicate
    admit(6, "never-initialised");  // of no sale

    const SaleFigures told = figures();

    EXPECT_EQ(told.product_id, "phone");
    EXPECT_EQ(told.epoch, 1U);
    EXPECT_EQ(told.quantity, 2);
    EXPECT_EQ(told.left, 0);
    EXPECT_EQ(told.accepted, 2);
    EXPECT_EQ(told.sold_out, 2);
    EXPECT_EQ(told.duplicates, 1);
    EXPECT_EQ(gate_.products(), 1U);
}

TEST_F(GateFigures, who_waits_for_another_request_is_no_duplicate_yet) {
    open(2);
    admit(1);
    admit(key_of(1), order_id(2));
    EXPECT_EQ(figures().duplicates, 0);
}

TEST_F(GateFigures, an_order_whose_hand_over_failed_was_not_accepted_a_cancelled_one_was) {
    open(5);
    complete(1);
    admit(2);
    gate_.release(order_record(2));
    gate_.release(order_record(2));
    EXPECT_EQ(figures().accepted, 1);
    EXPECT_EQ(figures().left, 4);

    gate_.return_unit({"phone", 1});

    EXPECT_EQ(figures().accepted, 1);
    EXPECT_EQ(figures().left, 5);
}

TEST_F(GateFigures, a_new_sale_begins_at_zero_and_hears_nothing_of_the_old_one) {
    open(1);
    complete(1);
    admit(2);
    admit(key_of(1), order_id(3));
    open(7, 2);
    gate_.return_unit({"phone", 1});

    const SaleFigures told = figures();

    EXPECT_EQ(told.epoch, 2U);
    EXPECT_EQ(told.quantity, 7);
    EXPECT_EQ(told.left, 7);
    EXPECT_EQ(told.accepted, 0);
    EXPECT_EQ(told.sold_out, 0);
    EXPECT_EQ(told.duplicates, 0);
}

TEST_F(GateFigures, what_was_sold_before_the_start_is_not_counted) {
    gate_.open_sale({"phone", 3, 4, 10});
    complete(1);
    EXPECT_EQ(figures().quantity, 10);
    EXPECT_EQ(figures().left, 3);
    EXPECT_EQ(figures().accepted, 1);
    gate_.return_unit({"phone", 3});
    EXPECT_EQ(figures().accepted, 1) << "it was cancelled, and accepted before that";
}

TEST_F(GateFigures, a_quantity_nobody_knows_is_not_told) {
    gate_.open_sale({"phone", 1, 4});
    EXPECT_EQ(figures().quantity, std::nullopt);
}

TEST_F(GateFigures, the_sale_that_changed_last_comes_first_and_only_so_many_are_told) {
    for (const std::string name : {"a", "b", "c", "d"}) {
        clock_.advance(1ms);
        open(1, 1, name);
    }
    EXPECT_EQ(names(10), (std::vector<std::string>{"d", "c", "b", "a"}));
    clock_.advance(1ms);
    admit(1, "b");
    clock_.advance(1ms);
    admit(2, "a");
    clock_.advance(1ms);
    admit(3, "b");  // sold out: nothing changes
    EXPECT_EQ(names(10), (std::vector<std::string>{"a", "b", "d", "c"}));
    clock_.advance(1ms);
    gate_.release(order_record(1, "b"));
    EXPECT_EQ(names(2), (std::vector<std::string>{"b", "a"}));
    EXPECT_TRUE(names(0).empty());
    EXPECT_EQ(gate_.products(), 4U);
}

// Some orders are lost again, some cancelled, while sales are reset by one of the threads.
core::Task<> sell_and_reset(MemoryGate& gate, std::uint32_t thread) {
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        const std::uint32_t number = thread * 10'000 + i;
        const std::string key = key_of(number);
        const Verdict verdict = co_await gate.admit({key, "phone", order_id(number)});
        if (thread == 0 && i % 100 == 99) gate.open_sale({"phone", 2 + i / 100, 500, 500});
        if (verdict.admission != Admission::admitted) continue;
        const OrderRecord record = order_record(number, "phone", verdict.epoch);
        if (i % 5 == 0) {
            gate.release(record);
            continue;
        }
        gate.complete(record);
        if (i % 7 == 0) gate.return_unit({"phone", verdict.epoch});
    }
}

TEST_F(GateFigures, what_is_told_is_of_one_moment_while_sales_are_reset) {
    open(500);
    std::atomic<bool> is_over = false;
    std::thread watcher([&] {
        while (!is_over) {
            const SaleFigures told = figures();
            EXPECT_EQ(told.quantity, 500);
            EXPECT_LE(told.left, 500);
            EXPECT_GE(told.accepted, 500 - told.left) << "units that are gone were accepted";
        }
    });
    on_threads([&](std::uint32_t thread) { return sell_and_reset(gate_, thread); });
    is_over = true;
    watcher.join();
    EXPECT_EQ(figures().epoch, 21U);
}

}  // namespace
}  // namespace souk::flash
