#include "services/flash/gate_memory.h"

#include "services/flash/tests/gate_test.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

class GateMemory : public GateTest {};

TEST_F(GateMemory, an_admitted_order_takes_one_unit_and_its_key) {
    open(2);
    const Verdict verdict = admit(1);
    EXPECT_EQ(verdict.admission, Admission::admitted);
    EXPECT_EQ(verdict.epoch, 1U);
    EXPECT_EQ(verdict.order_id, order_id(1));
    EXPECT_EQ(stock(), 1);
    EXPECT_EQ(now(gate_.owner(key_of(1))), order_id(1));
    EXPECT_EQ(now(gate_.owner(key_of(2))), std::nullopt);
}

TEST_F(GateMemory, a_key_in_flight_names_its_order_and_takes_nothing) {
    open(2);
    admit(1);
    const Verdict verdict = admit(key_of(1), order_id(2));
    EXPECT_EQ(verdict.admission, Admission::in_flight);
    EXPECT_EQ(verdict.order_id, order_id(1));
    EXPECT_EQ(stock(), 1);
}

TEST_F(GateMemory, a_used_key_is_a_duplicate_until_its_life_ends_and_then_free) {
    open(2);
    admit(1);
    clock_.advance(30s);
    gate_.complete(order_record(1));
    clock_.advance(60s - 1ns);
    const Verdict duplicate = admit(key_of(1), order_id(2));
    EXPECT_EQ(duplicate.admission, Admission::duplicate);
    EXPECT_EQ(duplicate.order_id, order_id(1));
    EXPECT_EQ(now(gate_.owner(key_of(1))), order_id(1));

    clock_.advance(1ns);

    EXPECT_EQ(now(gate_.owner(key_of(1))), std::nullopt);
    EXPECT_EQ(admit(key_of(1), order_id(2)).admission, Admission::admitted);
    EXPECT_EQ(now(gate_.owner(key_of(1))), order_id(2));
    EXPECT_EQ(stock(), 0);
}

TEST_F(GateMemory, keys_are_the_same_for_every_product) {
    open(5);
    open(5, 1, "tablet");
    admit(1);
    EXPECT_EQ(admit(key_of(1), order_id(2), "tablet").admission, Admission::in_flight);
    EXPECT_EQ(stock("tablet"), 5);
}

TEST_F(GateMemory, a_used_key_is_a_duplicate_on_a_sold_out_and_on_an_unknown_product) {
    open(1);
    admit(1);
    gate_.complete(order_record(1));
    EXPECT_EQ(admit(key_of(1), order_id(2)).admission, Admission::duplicate);
    EXPECT_EQ(admit(key_of(1), order_id(2), "nothing").admission, Admission::duplicate);
}

TEST_F(GateMemory, sold_out_does_not_use_the_key) {
    open(0);
    EXPECT_EQ(admit(1).admission, Admission::sold_out);
    EXPECT_EQ(admit(1, "never-initialised").admission, Admission::sold_out);
    EXPECT_EQ(gate_.keys(), 0U);
    EXPECT_EQ(now(gate_.owner(key_of(1))), std::nullopt);

    open(1, 2);
    EXPECT_EQ(admit(1).admission, Admission::admitted);
}

TEST_F(GateMemory, a_product_that_was_never_initialised_has_no_stock) {
    EXPECT_EQ(now(gate_.stock("phone")), std::nullopt);
    open(0);
    EXPECT_EQ(now(gate_.stock("phone")), 0);
}

TEST_F(GateMemory, release_frees_the_key_and_returns_the_unit_exactly_once) {
    open(5);
    admit(1);
    gate_.release(order_record(1));
    EXPECT_EQ(stock(), 5);
    gate_.release(order_record(1));
    EXPECT_EQ(stock(), 5);
    EXPECT_EQ(admit(key_of(1), order_id(2)).admission, Admission::admitted);
}

TEST_F(GateMemory, release_leaves_a_slot_of_another_order_alone) {
    open(5);
    admit(1);
    OrderRecord other = order_record(2);
    other.key = key_of(1);
    gate_.release(other);
    EXPECT_EQ(stock(), 4);
    EXPECT_EQ(now(gate_.owner(key_of(1))), order_id(1));
}

TEST_F(GateMemory, a_pending_key_never_expires) {
    open(5);
    admit(1);
    clock_.advance(24h * 365);
    for (std::uint32_t i = 1'000; i < 3'000; ++i) admit(i, "nothing");
    EXPECT_EQ(admit(key_of(1), order_id(2)).admission, Admission::in_flight);
}

TEST_F(GateMemory, a_sale_that_is_older_or_the_same_is_ignored) {
    open(10, 3);
    open(99, 2);
    open(99, 3);
    EXPECT_EQ(stock(), 10);
    open(7, 4);
    EXPECT_EQ(stock(), 7);
    EXPECT_EQ(admit(1).epoch, 4U);
}

TEST_F(GateMemory, a_reset_sets_the_stock_and_keeps_the_keys) {
    open(3);
    admit(1);
    gate_.complete(order_record(1));
    open(3, 2);
    EXPECT_EQ(stock(), 3);
    EXPECT_EQ(admit(key_of(1), order_id(2)).admission, Admission::duplicate);
}

TEST_F(GateMemory, units_of_an_older_sale_are_dropped) {
    open(3);
    admit(1);
    admit(2);
    open(1, 2);
    gate_.release(order_record(1));
    gate_.return_unit({"phone", 1});
    gate_.return_unit({"nothing", 1});
    EXPECT_EQ(stock(), 1);
    EXPECT_EQ(now(gate_.owner(key_of(1))), std::nullopt) << "the key is free all the same";
    gate_.return_unit({"phone", 2});
    EXPECT_EQ(stock(), 2);
}

TEST_F(GateMemory, the_largest_quantity_and_epoch_fit) {
    open(2'147'483'647, 4'294'967'295U);
    EXPECT_EQ(stock(), 2'147'483'647);
    EXPECT_EQ(admit(1).epoch, 4'294'967'295U);
    EXPECT_EQ(stock(), 2'147'483'646);
}

TEST_F(GateMemory, a_restored_key_lives_for_what_is_left_of_its_life) {
    open(5);
    gate_.restore(order_record(1), 20s);
    EXPECT_EQ(admit(key_of(1), order_id(9)).order_id, order_id(1));
    clock_.advance(20s);
    EXPECT_EQ(admit(key_of(1), order_id(9)).admission, Admission::admitted);
}

TEST_F(GateMemory, expired_keys_are_forgotten_as_new_ones_come) {
    open(1'000'000);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        admit(i);
        gate_.complete(order_record(i));
    }
    EXPECT_EQ(gate_.keys(), 10'000U);
    clock_.advance(61s);
    for (std::uint32_t i = 10'000; i < 15'000; ++i) {
        admit(i);
        gate_.complete(order_record(i));
    }
    EXPECT_LT(gate_.keys(), 6'000U);
}

TEST_F(GateMemory, a_key_that_is_used_again_after_its_life_is_not_forgotten_early) {
    open(1'000'000);
    admit(1);
    gate_.complete(order_record(1));
    clock_.advance(61s);
    OrderRecord again = order_record(2);
    again.key = key_of(1);
    admit(again.key, again.id);
    for (std::uint32_t i = 1'000; i < 3'000; ++i) admit(i, "nothing");
    EXPECT_EQ(now(gate_.owner(key_of(1))), again.id);
    gate_.complete(again);
    for (std::uint32_t i = 1'000; i < 3'000; ++i) admit(i, "nothing");
    EXPECT_EQ(admit(key_of(1), order_id(3)).admission, Admission::duplicate);
}

// --- Many threads -------------------------------------------------------------------------------

struct Counts {
    std::atomic<std::int64_t> admitted = 0;
    std::atomic<std::int64_t> in_flight = 0;
    std::atomic<std::int64_t> sold_out = 0;
};

core::Task<> attempt_one_key(MemoryGate& gate, Counts& counts, std::uint32_t thread) {
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        const Verdict verdict = co_await gate.admit({"the-key", "phone", order_id(thread)});
        (verdict.admission == Admission::admitted ? counts.admitted : counts.in_flight) += 1;
    }
}

TEST_F(GateMemory, one_key_from_many_threads_is_admitted_once) {
    open(1'000'000);
    Counts counts;
    on_threads([&](std::uint32_t thread) { return attempt_one_key(gate_, counts, thread); });
    EXPECT_EQ(counts.admitted, 1);
    EXPECT_EQ(counts.in_flight, threads_count * 2'000 - 1);
    EXPECT_EQ(stock(), 999'999);
}

// Every key is tried by every thread, in another order by each.
core::Task<> attempt_shared_keys(MemoryGate& gate, std::vector<std::atomic<int>>& admissions,
                                 std::uint32_t thread) {
    const auto keys = static_cast<std::uint32_t>(admissions.size());
    for (std::uint32_t i = 0; i < keys; ++i) {
        const std::uint32_t number = (i * 7919 + thread * 131) % keys;
        const std::string key = key_of(number);
        const Verdict verdict = co_await gate.admit({key, "phone", order_id(thread)});
        if (verdict.admission == Admission::admitted) ++admissions[number];
    }
}

TEST_F(GateMemory, many_threads_never_oversell_and_never_admit_a_key_twice) {
    open(1'500);
    std::vector<std::atomic<int>> admissions(4'000);
    on_threads(
        [&](std::uint32_t thread) { return attempt_shared_keys(gate_, admissions, thread); });
    int sum = 0;
    for (const std::atomic<int>& each : admissions) {
        EXPECT_LE(each, 1);
        sum += each;
    }
    EXPECT_EQ(sum, 1'500);
    EXPECT_EQ(stock(), 0);
}

struct BySale {
    static constexpr std::size_t sales_max = 64;
    std::array<std::atomic<std::int64_t>, sales_max> admitted{};
    std::array<std::atomic<std::int64_t>, sales_max> returned{};
};

// Some orders are lost again, some cancelled, the others complete, while sales are reset.
core::Task<> attempt_while_resetting(MemoryGate& gate, BySale& by_sale, std::uint32_t thread) {
    for (std::uint32_t i = 0; i < 3'000; ++i) {
        const std::uint32_t number = thread * 10'000 + i;
        const std::string key = key_of(number);
        const Verdict verdict = co_await gate.admit({key, "phone", order_id(number)});
        if (thread == 0 && i % 150 == 149) gate.open_sale({"phone", 2 + i / 150, 500});
        if (verdict.admission != Admission::admitted) continue;
        ++by_sale.admitted[verdict.epoch];
        const OrderRecord record = order_record(number, "phone", verdict.epoch);
        if (i % 5 == 0) {
            gate.release(record);
            ++by_sale.returned[verdict.epoch];
            continue;
        }
        gate.complete(record);
        if (i % 7 == 0) {
            gate.return_unit({"phone", verdict.epoch});
            ++by_sale.returned[verdict.epoch];
        }
    }
}

TEST_F(GateMemory, every_sale_admits_at_most_its_quantity_while_sales_are_reset) {
    open(500);
    BySale by_sale;
    on_threads(
        [&](std::uint32_t thread) { return attempt_while_resetting(gate_, by_sale, thread); });
    for (std::size_t epoch = 1; epoch < BySale::sales_max; ++epoch) {
        EXPECT_LE(by_sale.admitted[epoch] - by_sale.returned[epoch], 500) << "sale " << epoch;
    }
    constexpr std::size_t last = 21;
    EXPECT_EQ(stock() + by_sale.admitted[last] - by_sale.returned[last], 500);
}

}  // namespace
}  // namespace souk::flash
