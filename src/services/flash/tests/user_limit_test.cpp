// MAX_PER_USER in the room: what a user is told, and when a place comes back.
#include "platform/testing/client.h"
#include "services/flash/http.h"
#include "services/flash/tests/room.h"
#include "services/flash/tests/two_cancels.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;
using Answer = std::future<core::Result<Placed>>;
using http::TestClient;
using testing::Failing;

constexpr db::Sql select_stock = "SELECT stock FROM products";
constexpr db::Sql count_kept = "SELECT count(*) FROM orders WHERE state <> 'cancelled'";

std::string outcome(const core::Result<Placed>& placed) {
    if (!placed) return std::string(placed.error().code);
    return placed->is_duplicate ? "ignored" : "success";
}

std::string place(Room& room, const std::string& user, std::uint32_t number) {
    return outcome(room.loop.wait(room.order_of(user, number)));
}

// With orders numbered from `number` on: how many more the user gets.
int places_left(Room& room, const std::string& user, std::uint32_t number) {
    int places = 0;
    while (place(room, user, number++) == "success") ++places;
    return places;
}

class UserLimit : public ::testing::Test {
protected:
    UserLimit() { room_.start_sale(10); }

    std::string order(std::uint32_t number, const std::string& user = "anna") {
        return place(room_, user, number);
    }
    bool cancel(std::uint32_t number) {
        return room_.loop.wait(room_.operations.cancel(key_of(number), std::nullopt)).has_value();
    }

    Room room_{
        Room::Options{.cancel_window = 3600s, .max_per_user = 2}
    };
};

TEST_F(UserLimit, beyond_it_an_order_is_a_conflict_with_words_of_its_own) {
    order(1, "anna");
    order(2, "anna");
    const Wiring wiring{room_.operations, [] { return ""; }, [] { return ""; }, "", "", {}};
    {
        TestClient api(api_room(wiring));
        const TestClient::Answer answer =
            api.post("/order", R"({"productId":"phone","userId":"anna"})",
                     {
                         {"x-idempotency-key", "another"}
        });
        EXPECT_EQ(answer.status, 409);
        EXPECT_EQ(answer.body,
                  R"({"status":"limit_reached","msg":"Order limit per user reached"})");
        EXPECT_EQ(answer.content_type, "application/json; charset=utf-8");
    }
    EXPECT_EQ(room_.stock(), 8);
    EXPECT_EQ(room_.counters.user_limited.value(), 1U);
    EXPECT_EQ(room_.counters.not_handed_over.value(), 0U) << "nothing has failed";
    EXPECT_EQ(room_.counters.sold_out.value(), 0U);
}

TEST_F(UserLimit, a_repeated_request_is_still_ignored) {
    order(1);
    order(2);
    EXPECT_EQ(order(2), "ignored");
    EXPECT_EQ(order(3), "limit_reached");
    EXPECT_EQ(order(3), "limit_reached") << "its key was not used";
    EXPECT_EQ(order(3, "bert"), "success");
}

TEST_F(UserLimit, a_lost_order_gives_its_place_back) {
    order(1);
    room_.log.set(MemoryLog::Mode::loses);
    EXPECT_EQ(order(2), "not_handed_over");
    room_.log.set(MemoryLog::Mode::writes);
    EXPECT_EQ(order(2), "success") << "tried again with the same key";
    EXPECT_EQ(order(3), "limit_reached");
}

TEST_F(UserLimit, an_order_counts_while_nobody_knows_what_became_of_it) {
    order(1);
    room_.log.set(MemoryLog::Mode::holds);
    Answer answer = room_.loop.start(room_.order_of("anna", 2));
    ASSERT_TRUE(comes_true([&] { return room_.log.held() == 1; }));
    EXPECT_EQ(order(3), "limit_reached");

    room_.log.set(MemoryLog::Mode::writes);
    room_.log.settle_held(false);

    EXPECT_EQ(outcome(OnLoop::finish(std::move(answer))), "not_handed_over");
    EXPECT_EQ(places_left(room_, "anna", 3), 1);
}

TEST_F(UserLimit, a_full_backlog_keeps_no_place) {
    Room room(Room::Options{.max_backlog = 1, .max_per_user = 2});
    room.start_sale(10);
    EXPECT_EQ(place(room, "bert", 1), "success");
    for (std::uint32_t i = 2; i < 7; ++i) EXPECT_EQ(place(room, "anna", i), "not_handed_over");
    ASSERT_TRUE(room.persist_all());
    EXPECT_EQ(place(room, "anna", 8), "success");
}

TEST_F(UserLimit, a_cancelled_order_gives_its_place_back_once_pending_or_confirmed) {
    for (const bool is_written : {false, true}) {
        Room room(Room::Options{.cancel_window = 3600s, .max_per_user = 2});
        room.start_sale(10);
        place(room, "anna", 1);
        place(room, "anna", 2);
        if (is_written) {
            ASSERT_TRUE(room.persist_all());
        }
        for (int times = 0; times < 3; ++times) {
            EXPECT_TRUE(room.loop.wait(room.operations.cancel(key_of(1), std::nullopt)));
        }
        EXPECT_EQ(places_left(room, "anna", 3), 1) << is_written;
        EXPECT_EQ(room.stock(), 8);
    }
}

TEST_F(UserLimit, a_new_sale_is_a_new_chance_and_cancels_of_the_old_one_none) {
    order(1);
    order(2);
    room_.start_sale(10);
    EXPECT_EQ(order(3), "success");
    EXPECT_TRUE(cancel(1));
    EXPECT_EQ(places_left(room_, "anna", 4), 1);
    EXPECT_EQ(room_.stock(), 8);
}

TEST_F(UserLimit, an_order_the_database_refuses_keeps_its_place) {
    room_.database.refuse_text("anna");
    order(1);
    order(2);
    ASSERT_TRUE(room_.persist_all());
    EXPECT_EQ(order(3), "limit_reached") << "it was accepted, and its unit is sold";
}

// Two clicks on one cancel button while the database fails at its n-th call.
TEST(UserLimitSweep, two_cancels_of_one_confirmed_order_return_one_place) {
    for (int n = 0; n < 12; ++n) {
        for (const Failing how : {Failing::lost_answer, Failing::unavailable}) {
            Room room(Room::Options{.cancel_window = 3600s, .max_per_user = 3});
            room.start_sale(10);
            for (std::uint32_t i = 1; i <= 3; ++i) ASSERT_EQ(place(room, "anna", i), "success");
            ASSERT_TRUE(room.persist_all());
            cancel_twice(room, key_of(1), n, how);
            EXPECT_EQ(room.stock(), room.count(select_stock)) << "call " << n;
            const std::int64_t kept = room.count(count_kept);
            EXPECT_EQ(places_left(room, "anna", 4), 3 - kept) << "call " << n;
        }
    }
}

// The log loses an order of a user or a cancel of one, each in its turn.
TEST(UserLimitSweep, whatever_the_log_loses_the_places_are_right) {
    for (int lost = 0; lost < 6; ++lost) {
        Room room(Room::Options{.max_per_user = 2});
        room.start_sale(10);
        int held = 0;
        for (int step = 0; step < 6; ++step) {
            room.log.set(step == lost ? MemoryLog::Mode::loses : MemoryLog::Mode::writes);
            const auto number = static_cast<std::uint32_t>(step);
            if (step % 3 == 2) {  // cancels the order before
                const bool is_cancelled =
                    room.loop.wait(room.operations.cancel(key_of(number - 1), std::nullopt))
                        .has_value();
                if (is_cancelled) --held;
            } else if (place(room, "anna", number) == "success") {
                ++held;
            }
        }
        room.log.set(MemoryLog::Mode::writes);
        EXPECT_EQ(room.stock(), 10 - held) << "step " << lost;
        EXPECT_EQ(places_left(room, "anna", 100), 2 - held) << "step " << lost;
    }
}

}  // namespace
}  // namespace souk::flash
