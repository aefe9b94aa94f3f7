#include "services/flash/hand_over.h"

#include "services/flash/tests/room.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <vector>

namespace souk::flash {
namespace {

using namespace std::chrono_literals;
using Answer = std::future<core::Result<Placed>>;

// How an order request ended: "success", "ignored", or the code of the refusal.
std::string outcome(const core::Result<Placed>& placed) {
    if (!placed) return std::string(placed.error().code);
    return placed->is_duplicate ? "ignored" : "success";
}
std::string outcome(Answer answer) { return outcome(OnLoop::finish(std::move(answer))); }

std::string outcome(const core::Result<Cancelled>& cancelled) {
    if (!cancelled) return std::string(cancelled.error().code);
    return *cancelled == Cancelled::now ? "now" : "before";
}

class HandOverTest : public ::testing::Test {
protected:
    HandOverTest() { room_.start_sale(10); }

    // An order whose record is on its way to the log.
    Answer order_on_its_way(std::uint32_t number) {
        const std::size_t before = room_.log.held();
        room_.log.set(MemoryLog::Mode::holds);
        Answer answer = room_.start_order(number);
        EXPECT_TRUE(comes_true([&] { return room_.log.held() > before; }));
        return answer;
    }
    std::string cancel(std::uint32_t number) {
        return outcome(room_.loop.wait(room_.operations.cancel(key_of(number), std::nullopt)));
    }
    PendingOrderPtr pending(std::uint32_t number) {
        return room_.backlog.find_by_key(key_of(number));
    }
    // Everything started before this has run up to where it waits.
    void let_the_loop_run() {
        room_.loop.wait([]() -> core::Task<> { co_return; }());
    }

    Room room_;
};

TEST_F(HandOverTest, an_order_is_accepted_when_its_record_is_durable_and_not_before) {
    Answer answer = order_on_its_way(1);
    EXPECT_EQ(answer.wait_for(0s), std::future_status::timeout);
    EXPECT_EQ(room_.backlog.queued(), 0U);
    EXPECT_EQ(pending(1)->phase, Phase::handing_over);

    room_.log.settle_held(true);

    EXPECT_EQ(outcome(std::move(answer)), "success");
    EXPECT_EQ(room_.backlog.queued(), 1U);
    EXPECT_EQ(room_.stock(), 9);
    EXPECT_EQ(outcome(room_.place(1)), "ignored");
}

TEST_F(HandOverTest, a_lost_record_gives_the_unit_and_the_key_back) {
    Answer answer = order_on_its_way(1);
    room_.log.settle_held(false);
    EXPECT_EQ(outcome(std::move(answer)), "not_handed_over");
    EXPECT_EQ(room_.stock(), 10);
    EXPECT_EQ(room_.backlog.size(), 0U);
    EXPECT_EQ(room_.backlog.queued(), 0U);

    room_.log.set(MemoryLog::Mode::writes);
    EXPECT_EQ(outcome(room_.place(1)), "success") << "the retry with the same key";
    EXPECT_EQ(room_.stock(), 9);
}

TEST_F(HandOverTest, duplicates_of_an_order_on_its_way_are_ignored_once_it_is_durable) {
    Answer first = order_on_its_way(1);
    std::vector<Answer> duplicates;
    for (int i = 0; i < 5; ++i) duplicates.push_back(room_.start_order(1));
    let_the_loop_run();

    room_.log.settle_held(true);

    EXPECT_EQ(outcome(std::move(first)), "success");
    for (Answer& each : duplicates) EXPECT_EQ(outcome(std::move(each)), "ignored");
    EXPECT_EQ(room_.stock(), 9);
    EXPECT_EQ(room_.backlog.queued(), 1U);
}

TEST_F(HandOverTest, duplicates_of_a_lost_order_try_as_fresh_requests_and_one_succeeds) {
    Answer first = order_on_its_way(1);
    std::vector<Answer> duplicates;
    for (int i = 0; i < 5; ++i) duplicates.push_back(room_.start_order(1));
    let_the_loop_run();

    room_.log.set(MemoryLog::Mode::writes);
    room_.log.settle_held(false);

    EXPECT_EQ(outcome(std::move(first)), "not_handed_over");
    int succeeded = 0;
    for (Answer& each : duplicates) {
        const std::string ended = outcome(std::move(each));
        succeeded += ended == "success" ? 1 : 0;
        EXPECT_TRUE(ended == "success" || ended == "ignored") << ended;
    }
    EXPECT_EQ(succeeded, 1);
    EXPECT_EQ(room_.stock(), 9);
    EXPECT_EQ(room_.backlog.queued(), 1U);
}

TEST_F(HandOverTest, a_full_backlog_refuses_and_takes_nothing) {
    Room room(Room::Options{.max_backlog = 2});
    room.start_sale(10);
    EXPECT_EQ(outcome(room.place(1)), "success");
    EXPECT_EQ(outcome(room.place(2)), "success");
    EXPECT_EQ(outcome(room.place(3)), "not_handed_over");
    EXPECT_EQ(room.stock(), 8);
    ASSERT_TRUE(room.persist_all());
    EXPECT_EQ(outcome(room.place(3)), "success");
}

class HastyHandOver : public ::testing::Test {
protected:
    HastyHandOver() { room_.start_sale(10); }
    Room room_{Room::Options{.patience = 20ms}};
};

TEST_F(HastyHandOver, what_is_durable_after_the_client_was_answered_completes_the_order) {
    room_.log.set(MemoryLog::Mode::holds);
    EXPECT_EQ(outcome(room_.place(1)), "not_handed_over");
    EXPECT_EQ(outcome(room_.place(1)), "not_handed_over") << "still undecided";
    EXPECT_EQ(room_.counters.not_handed_over.value(), 2U) << "every 500 is counted";
    EXPECT_EQ(room_.stock(), 9) << "unit and key stay taken until the log says which it was";
    EXPECT_EQ(room_.log.held(), 1U);

    room_.log.settle_held(true);

    EXPECT_EQ(outcome(room_.place(1)), "ignored");
    EXPECT_EQ(room_.stock(), 9);
    EXPECT_EQ(room_.backlog.queued(), 1U);
    EXPECT_EQ(room_.counters.undecided.value(), 1U);
}

TEST_F(HastyHandOver, what_is_lost_after_the_client_was_answered_gives_the_unit_back) {
    room_.log.set(MemoryLog::Mode::holds);
    EXPECT_EQ(outcome(room_.place(1)), "not_handed_over");

    room_.log.settle_held(false);

    EXPECT_EQ(room_.stock(), 10);
    room_.log.set(MemoryLog::Mode::writes);
    EXPECT_EQ(outcome(room_.place(1)), "success");
    EXPECT_EQ(room_.stock(), 9);
}

TEST_F(HastyHandOver, a_cancel_whose_record_is_undecided_is_completed_later) {
    EXPECT_EQ(outcome(room_.place(1)), "success");
    room_.log.set(MemoryLog::Mode::holds);
    const auto cancel = [this] {
        return outcome(room_.loop.wait(room_.operations.cancel(key_of(1), std::nullopt)));
    };
    EXPECT_EQ(cancel(), "not_handed_over");
    EXPECT_EQ(room_.stock(), 9);
    EXPECT_TRUE(room_.backlog.take(10).empty()) << "the worker waits for the decision";

    room_.log.settle_held(true);

    EXPECT_EQ(room_.stock(), 10);
    EXPECT_EQ(cancel(), "before");
    EXPECT_EQ(room_.stock(), 10);
    EXPECT_EQ(outcome(room_.place(1)), "ignored") << "the key stays used";
}

TEST_F(HandOverTest, a_cancelled_order_gives_its_unit_back_once) {
    ASSERT_TRUE(room_.place(1));
    EXPECT_EQ(cancel(1), "now");
    EXPECT_EQ(room_.stock(), 10);
    EXPECT_EQ(cancel(1), "before");
    EXPECT_EQ(room_.stock(), 10);
    EXPECT_EQ(cancel(9), "order_not_found");
}

TEST_F(HandOverTest, a_unit_of_an_earlier_sale_is_not_added_to_the_next) {
    ASSERT_TRUE(room_.place(1));
    room_.start_sale(3);
    EXPECT_EQ(cancel(1), "now");
    EXPECT_EQ(room_.stock(), 3);
}

TEST_F(HandOverTest, a_cancel_that_is_lost_leaves_the_order_to_the_worker) {
    ASSERT_TRUE(room_.place(1));
    room_.log.set(MemoryLog::Mode::loses);
    EXPECT_EQ(cancel(1), "not_handed_over");
    EXPECT_EQ(pending(1)->phase, Phase::pending);
    EXPECT_EQ(room_.stock(), 9);
    room_.log.set(MemoryLog::Mode::writes);
    EXPECT_EQ(cancel(1), "now") << "the retry";
    EXPECT_EQ(room_.stock(), 10);
}

TEST_F(HandOverTest, an_order_the_worker_has_taken_cannot_be_cancelled) {
    ASSERT_TRUE(room_.place(1));
    const std::vector<LogEntry> taken = room_.backlog.take(10);
    std::future<core::Result<Cancelled>> cancelled =
        room_.loop.start(room_.operations.cancel(key_of(1), std::nullopt));
    let_the_loop_run();
    EXPECT_EQ(cancelled.wait_for(0s), std::future_status::timeout) << "it is not confirmed yet";

    room_.backlog.finish(taken);

    EXPECT_EQ(outcome(OnLoop::finish(std::move(cancelled))), "not_cancellable");
    EXPECT_EQ(room_.stock(), 9);
}

TEST_F(HandOverTest, an_order_the_worker_gives_back_is_cancelled) {
    ASSERT_TRUE(room_.place(1));
    std::vector<LogEntry> taken = room_.backlog.take(10);
    std::future<core::Result<Cancelled>> cancelled =
        room_.loop.start(room_.operations.cancel(key_of(1), std::nullopt));
    let_the_loop_run();

    room_.backlog.give_back(std::move(taken));

    EXPECT_EQ(outcome(OnLoop::finish(std::move(cancelled))), "now");
    EXPECT_EQ(room_.stock(), 10);
}

TEST_F(HandOverTest, a_cancel_waits_for_the_order_to_be_durable) {
    Answer order = order_on_its_way(1);
    const std::string id = core::to_string(pending(1)->record.id);
    std::future<core::Result<Cancelled>> cancelled =
        room_.loop.start(room_.operations.cancel(id, "user-1"));
    let_the_loop_run();
    EXPECT_EQ(cancelled.wait_for(0s), std::future_status::timeout);
    room_.log.set(MemoryLog::Mode::writes);
    room_.log.settle_held(true);
    EXPECT_EQ(outcome(std::move(order)), "success");
    EXPECT_EQ(outcome(OnLoop::finish(std::move(cancelled))), "now");
    EXPECT_EQ(room_.stock(), 10);
}

TEST_F(HandOverTest, a_cancel_of_an_order_that_is_lost_finds_none) {
    Answer order = order_on_its_way(1);
    const std::string id = core::to_string(pending(1)->record.id);
    std::future<core::Result<Cancelled>> cancelled =
        room_.loop.start(room_.operations.cancel(id, std::nullopt));
    let_the_loop_run();
    room_.log.settle_held(false);
    EXPECT_EQ(outcome(std::move(order)), "not_handed_over");
    EXPECT_EQ(outcome(OnLoop::finish(std::move(cancelled))), "order_not_found");
    EXPECT_EQ(room_.stock(), 10);
}

TEST_F(HandOverTest, two_cancels_at_once_give_one_unit_back) {
    ASSERT_TRUE(room_.place(1));
    room_.log.set(MemoryLog::Mode::holds);
    std::vector<std::future<core::Result<Cancelled>>> cancels;
    for (int i = 0; i < 4; ++i)
        cancels.push_back(room_.loop.start(room_.operations.cancel(key_of(1), std::nullopt)));
    ASSERT_TRUE(comes_true([&] { return room_.log.held() == 1; }));
    room_.log.settle_held(true);
    int now = 0;
    for (auto& each : cancels) now += outcome(OnLoop::finish(std::move(each))) == "now" ? 1 : 0;
    EXPECT_EQ(now, 1);
    EXPECT_EQ(room_.stock(), 10);
}

TEST_F(HandOverTest, a_cancel_and_the_worker_race_and_exactly_one_wins) {
    room_.start_sale(100'000);
    int cancelled = 0;
    for (std::uint32_t i = 1; i <= 500; ++i) {
        ASSERT_TRUE(room_.place(i));
        const PendingOrderPtr order = pending(i);
        std::future<core::Result<Cancelled>> cancel =
            room_.loop.start(room_.operations.cancel(key_of(i), std::nullopt));
        std::vector<LogEntry> taken;
        ASSERT_TRUE(comes_true([&] {
            const std::vector<LogEntry> more = room_.backlog.take(1);
            taken.insert(taken.end(), more.begin(), more.end());
            return !taken.empty();
        }));
        let_the_loop_run();  // now the cancel has won, or waits for the worker
        room_.backlog.finish(taken);
        const std::string ended = outcome(OnLoop::finish(std::move(cancel)));
        ASSERT_EQ(taken.front().order, order);
        ASSERT_EQ(order->phase, ended == "now" ? Phase::cancelled : Phase::taken);
        ASSERT_TRUE(ended == "now" || ended == "not_cancellable") << ended;
        cancelled += ended == "now" ? 1 : 0;
        room_.backlog.finish(room_.backlog.take(10));
        ASSERT_EQ(room_.stock(), 100'000 - static_cast<std::int64_t>(i) + cancelled);
    }
    EXPECT_EQ(room_.backlog.size(), 0U);
}

TEST_F(HandOverTest, a_client_whose_loop_ends_while_it_waits_does_not_disturb) {
    OnLoop dying;
    room_.log.set(MemoryLog::Mode::holds);
    Answer answer = dying.start(room_.order(1));
    ASSERT_TRUE(comes_true([&] { return room_.log.held() == 1; }));
    dying.loop().stop();
    dying.loop().join();

    room_.log.settle_held(true);

    room_.log.set(MemoryLog::Mode::writes);
    EXPECT_EQ(outcome(room_.place(1)), "ignored");
    EXPECT_EQ(room_.stock(), 9);
    EXPECT_EQ(room_.backlog.queued(), 1U);
}

TEST_F(HandOverTest, a_client_that_is_cancelled_while_it_waits_does_not_disturb) {
    room_.log.set(MemoryLog::Mode::holds);
    boost::asio::cancellation_signal gone;
    std::atomic<bool> ended = false;
    boost::asio::co_spawn(
        room_.loop.loop().context(), room_.order(1),
        boost::asio::bind_cancellation_slot(
            gone.slot(),
            [&ended](const std::exception_ptr&, const core::Result<Placed>&) { ended = true; }));
    ASSERT_TRUE(comes_true([&] { return room_.log.held() == 1; }));
    boost::asio::post(room_.loop.loop().context(),
                      [&gone] { gone.emit(boost::asio::cancellation_type::terminal); });
    ASSERT_TRUE(comes_true([&] { return ended.load(); }));
    EXPECT_EQ(room_.stock(), 9) << "not known yet, so nothing is given back";

    room_.log.settle_held(true);

    room_.log.set(MemoryLog::Mode::writes);
    EXPECT_EQ(outcome(room_.place(1)), "ignored");
    EXPECT_EQ(room_.backlog.queued(), 1U);
}

TEST_F(HandOverTest, clients_of_many_loops_are_all_answered_by_one_group) {
    std::vector<std::unique_ptr<OnLoop>> loops;
    for (int i = 0; i < 3; ++i) loops.push_back(std::make_unique<OnLoop>());
    room_.start_sale(1'000);
    room_.log.set(MemoryLog::Mode::holds);
    std::vector<Answer> answers;
    for (std::uint32_t i = 0; i < 300; ++i) answers.push_back(loops[i % 3]->start(room_.order(i)));
    ASSERT_TRUE(comes_true([&] { return room_.log.held() == 300; }));
    room_.log.settle_held(true);
    for (Answer& each : answers) EXPECT_EQ(outcome(std::move(each)), "success");
    EXPECT_EQ(room_.stock(), 700);
}

}  // namespace
}  // namespace souk::flash
