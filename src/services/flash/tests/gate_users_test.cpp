// How many units of one sale a user may have (MAX_PER_USER), as the gate decides it.
#include "services/flash/tests/gate_test.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;

class GateUsers : public GateTest {
protected:
    GateUsers() : GateTest(2) {}

    Admission order(std::uint32_t number, const std::string& user,
                    const std::string& product = "phone") {
        return now(gate_.admit({key_of(number), product, order_id(number), user})).admission;
    }
    static OrderRecord record(std::uint32_t number, const std::string& user, Epoch epoch = 1) {
        OrderRecord order = order_record(number, "phone", epoch);
        order.user_id = user;
        return order;
    }
};

TEST_F(GateUsers, a_user_gets_so_many_units_and_no_more) {
    open(10);
    EXPECT_EQ(order(1, "anna"), Admission::admitted);
    EXPECT_EQ(order(2, "anna"), Admission::admitted);
    EXPECT_EQ(order(3, "anna"), Admission::user_limited);
    EXPECT_EQ(order(4, "anna"), Admission::user_limited);
    EXPECT_EQ(stock(), 8) << "a refusal takes nothing";
    EXPECT_EQ(gate_.keys(), 2U) << "nor does it use the key";
    EXPECT_EQ(order(5, "bert"), Admission::admitted);
}

TEST_F(GateUsers, every_sale_counts_for_itself) {
    open(10);
    open(10, 1, "tablet");
    order(1, "anna");
    order(2, "anna");
    EXPECT_EQ(order(3, "anna", "tablet"), Admission::admitted);
    EXPECT_EQ(order(4, "anna"), Admission::user_limited);
}

TEST_F(GateUsers, a_used_key_comes_first_then_sold_out_then_the_limit) {
    open(2);
    order(1, "anna");
    order(2, "anna");
    gate_.complete(record(1, "anna"));
    EXPECT_EQ(order(1, "anna"), Admission::duplicate);
    EXPECT_EQ(order(2, "anna"), Admission::in_flight);
    EXPECT_EQ(order(3, "anna"), Admission::sold_out);
    gate_.return_unit({"phone", 1, "bert"});  // as an order of his that is older than this process
    EXPECT_EQ(order(1, "anna"), Admission::duplicate);
    EXPECT_EQ(order(3, "anna"), Admission::user_limited);
}

TEST_F(GateUsers, users_are_the_same_only_in_every_letter) {
    open(100);
    std::uint32_t number = 0;
    for (const std::string user : {"anna", "Anna", "anna ", "ann", "\xC3\xA5nna", "a\xCC\x8Anna"}) {
        EXPECT_EQ(order(++number, user), Admission::admitted) << user;
        EXPECT_EQ(order(++number, user), Admission::admitted) << user;
        EXPECT_EQ(order(++number, user), Admission::user_limited) << user;
    }
    EXPECT_EQ(gate_.buyers(), 6U);
}

TEST_F(GateUsers, a_lost_order_gives_the_place_back_exactly_once) {
    open(10);
    order(1, "anna");
    order(2, "anna");
    for (int times = 0; times < 3; ++times) gate_.release(record(2, "anna"));
    EXPECT_EQ(stock(), 9);
    EXPECT_EQ(order(3, "anna"), Admission::admitted);
    EXPECT_EQ(order(4, "anna"), Admission::user_limited);
}

TEST_F(GateUsers, a_cancelled_order_gives_the_place_back) {
    open(10);
    order(1, "anna");
    gate_.complete(record(1, "anna"));
    order(2, "anna");
    gate_.return_unit({"phone", 1, "anna"});
    EXPECT_EQ(order(3, "anna"), Admission::admitted);
    EXPECT_EQ(order(4, "anna"), Admission::user_limited);
}

TEST_F(GateUsers, who_has_nothing_is_not_remembered) {
    open(10);
    order(1, "anna");
    order(2, "bert");
    EXPECT_EQ(gate_.buyers(), 2U);
    gate_.release(record(1, "anna"));
    gate_.return_unit({"phone", 1, "bert"});
    gate_.return_unit({"phone", 1, "nobody"});
    EXPECT_EQ(gate_.buyers(), 0U);
}

TEST_F(GateUsers, refused_users_are_not_remembered) {
    open(0);
    for (std::uint32_t i = 0; i < 1'000; ++i) order(i, "user-" + std::to_string(i));
    EXPECT_EQ(gate_.buyers(), 0U);
}

TEST_F(GateUsers, a_new_sale_begins_with_nobody) {
    open(10);
    order(1, "anna");
    order(2, "anna");
    open(10, 2);
    EXPECT_EQ(gate_.buyers(), 0U);
    EXPECT_EQ(order(3, "anna"), Admission::admitted);

    gate_.release(record(1, "anna"));         // of the sale before
    gate_.return_unit({"phone", 1, "anna"});  // likewise

    EXPECT_EQ(stock(), 9);
    EXPECT_EQ(order(4, "anna"), Admission::admitted);
    EXPECT_EQ(order(5, "anna"), Admission::user_limited);
}

TEST_F(GateUsers, who_bought_before_the_start_is_remembered) {
    open(10, 3);
    Buyers buyers;
    buyers[gate_.buyer("anna")] = 1;
    buyers[gate_.buyer("bert")] = 5;  // more than one may have by now
    gate_.restore_buyers("phone", 2, buyers);
    gate_.restore_buyers("nothing", 3, buyers);
    EXPECT_EQ(gate_.buyers(), 0U) << "of another sale";

    gate_.restore_buyers("phone", 3, std::move(buyers));

    EXPECT_EQ(order(1, "anna"), Admission::admitted);
    EXPECT_EQ(order(2, "anna"), Admission::user_limited);
    EXPECT_EQ(order(3, "bert"), Admission::user_limited);
    for (int cancels = 0; cancels < 3; ++cancels) gate_.return_unit({"phone", 3, "bert"});
    EXPECT_EQ(order(3, "bert"), Admission::user_limited);
    gate_.return_unit({"phone", 3, "bert"});
    EXPECT_EQ(order(3, "bert"), Admission::admitted);
}

TEST_F(GateUsers, without_a_limit_nobody_is_counted) {
    MemoryGate gate(60s, clock_, random_);
    gate.open_sale({"phone", 1, 1'000});
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        const Verdict verdict = now(gate.admit({key_of(i), "phone", order_id(i), "anna"}));
        EXPECT_EQ(verdict.admission, Admission::admitted);
    }
    EXPECT_FALSE(gate.limits_users());
    EXPECT_EQ(gate.buyers(), 0U);
}

// --- Many threads -------------------------------------------------------------------------------

struct Counts {
    std::atomic<int> admitted = 0;
    std::atomic<int> limited = 0;
    std::atomic<int> other = 0;
};

core::Task<> order_for_one_user(MemoryGate& gate, Counts& counts, std::uint32_t thread) {
    for (std::uint32_t i = 0; i < 3'000; ++i) {
        const std::string key = key_of(thread * 10'000 + i);
        const Verdict verdict = co_await gate.admit({key, "phone", order_id(i), "anna"});
        (verdict.admission == Admission::admitted       ? counts.admitted
         : verdict.admission == Admission::user_limited ? counts.limited
                                                        : counts.other) += 1;
    }
}

TEST_F(GateUsers, one_user_on_many_threads_gets_no_more) {
    open(1'000'000);
    Counts counts;
    on_threads([&](std::uint32_t thread) { return order_for_one_user(gate_, counts, thread); });
    EXPECT_EQ(counts.admitted, 2);
    EXPECT_EQ(counts.other, 0) << "a refusal never makes another one sold out";
    EXPECT_EQ(stock(), 999'998);
}

struct Users {
    static constexpr std::uint32_t count = 5;
    std::array<std::atomic<int>, count> held{};
    std::atomic<bool> passed = false;
};

// A user's orders are lost or cancelled again at once. Counted on the careful side: one that comes
// back is taken off before the gate hears of it.
core::Task<> order_and_give_back(MemoryGate& gate, Users& users, std::uint32_t thread) {
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        const std::uint32_t number = thread * 10'000 + i;
        const std::uint32_t who = (i * 7 + thread) % Users::count;
        const std::string key = key_of(number);
        const std::string user = "user-" + std::to_string(who);
        const Verdict verdict = co_await gate.admit({key, "phone", order_id(number), user});
        if (verdict.admission != Admission::admitted) continue;
        if (++users.held[who] > 2) users.passed = true;
        OrderRecord record = order_record(number);
        record.user_id = user;
        --users.held[who];
        if (i % 2 == 0) {
            gate.release(record);
        } else {
            gate.complete(record);
            gate.return_unit({"phone", 1, user});
        }
    }
}

TEST_F(GateUsers, places_that_come_back_all_the_time_are_never_counted_twice) {
    open(7);
    Users users;
    on_threads([&](std::uint32_t thread) { return order_and_give_back(gate_, users, thread); });
    EXPECT_FALSE(users.passed);
    EXPECT_EQ(stock(), 7);
    EXPECT_EQ(gate_.buyers(), 0U);
}

core::Task<> order_while_resetting(MemoryGate& gate, Users& of_last_sale, std::uint32_t thread) {
    constexpr Epoch last = 21;
    for (std::uint32_t i = 0; i < 2'000; ++i) {
        const std::uint32_t number = thread * 10'000 + i;
        const std::uint32_t who = i % Users::count;
        const std::string key = key_of(number);
        const std::string user = "user-" + std::to_string(who);
        const Verdict verdict = co_await gate.admit({key, "phone", order_id(number), user});
        if (thread == 0 && i % 100 == 99) gate.open_sale({"phone", 2 + i / 100, 500});
        if (verdict.admission == Admission::admitted && verdict.epoch == last)
            ++of_last_sale.held[who];
    }
}

TEST_F(GateUsers, sales_that_are_reset_meanwhile_keep_to_the_limit) {
    open(500);
    Users users;
    on_threads([&](std::uint32_t thread) { return order_while_resetting(gate_, users, thread); });
    int held = 0;
    for (const std::atomic<int>& each : users.held) {
        EXPECT_LE(each, 2);
        held += each;
    }
    EXPECT_EQ(stock(), 500 - held);
}

}  // namespace
}  // namespace souk::flash
