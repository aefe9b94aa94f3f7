#include "platform/core/turns.h"

#include "platform/core/event.h"
#include "platform/core/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::core {
namespace {

using namespace std::chrono_literals;

// People who want turns, on loops that run only when the test says so.
class TurnsTest : public ::testing::Test {
protected:
    using Context = boost::asio::io_context;

    Context& loop(int number) {
        std::unique_ptr<Context>& context = contexts_[number];
        if (!context) context = std::make_unique<Context>(1);
        return *context;
    }
    void run() {
        for (auto& [number, context] : contexts_) {
            context->restart();
            context->poll();
        }
    }
    // What waits on it is broken off.
    void destroy(int number) { contexts_.erase(number); }

    void ask(Turns& turns, const std::string& who, int on = 0,
             std::chrono::milliseconds patience = 1h) {
        boost::asio::co_spawn(loop(on), want(turns, who, patience), boost::asio::detached);
        run();
    }
    void end(const std::string& who) { having_.erase(who); }

    std::string having() const {
        std::string all;
        for (const auto& [who, turn] : having_) all += who;
        return all;
    }

    std::string late;  // who got none

private:
    Task<> want(Turns& turns, std::string who, std::chrono::milliseconds patience) {
        std::optional<Turns::Turn> turn = co_await turns.take(patience);
        if (turn) {
            having_.emplace(who, std::move(*turn));
        } else {
            late += who;
        }
    }

    std::map<int, std::unique_ptr<Context>> contexts_;
    std::map<std::string, Turns::Turn> having_;
};

TEST_F(TurnsTest, so_many_have_a_turn_and_the_next_come_in_their_order) {
    Turns turns(2);
    for (const char* who : {"a", "b", "c", "d", "e"}) ask(turns, who, who[0] % 2);
    EXPECT_EQ(having(), "ab");

    end("b");
    run();
    EXPECT_EQ(having(), "ac");
    end("c");
    end("a");
    run();
    EXPECT_EQ(having(), "de");

    end("d");
    end("e");
    ask(turns, "f");
    ask(turns, "g");
    ask(turns, "h");
    EXPECT_EQ(having(), "fg");
}

TEST_F(TurnsTest, without_a_limit_everybody_has_a_turn) {
    Turns turns(0);
    for (int i = 0; i < 100; ++i) ask(turns, "a" + std::to_string(i));
    EXPECT_NE(having().find("a99"), std::string::npos);
}

TEST_F(TurnsTest, who_loses_patience_leaves_the_line) {
    Turns turns(1);
    ask(turns, "a");
    ask(turns, "b", 0, 0ms);
    ask(turns, "c");
    while (late.empty()) run();
    EXPECT_EQ(late, "b");
    EXPECT_EQ(having(), "a");

    end("a");
    run();
    EXPECT_EQ(having(), "c");
}

TEST_F(TurnsTest, who_is_broken_off_in_the_line_is_passed_over) {
    Turns turns(1);
    ask(turns, "a", 0);
    ask(turns, "b", 1);
    ask(turns, "c", 2);
    destroy(1);

    end("a");
    run();
    EXPECT_EQ(having(), "c");
}

TEST_F(TurnsTest, a_turn_whose_owner_is_broken_off_before_hearing_of_it_goes_to_the_next) {
    Turns turns(1);
    ask(turns, "a", 0);
    ask(turns, "b", 1);
    ask(turns, "c", 2);

    end("a");    // it is b's turn now,
    destroy(1);  // who never gets to know
    run();
    EXPECT_EQ(having(), "c");
}

TEST_F(TurnsTest, turns_may_outlive_what_gave_them) {
    auto turns = std::make_unique<Turns>(1);
    ask(*turns, "a");
    ask(*turns, "b");
    turns.reset();
    end("a");
    run();
    EXPECT_EQ(having(), "b");
}

struct Crowd {
    Turns turns{3};
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
};

// Every third fails while it has its turn.
Task<> go_in(Crowd& crowd, int number) {
    const std::optional<Turns::Turn> turn = co_await crowd.turns.take(1min);
    if (!turn) throw std::runtime_error("no turn within a minute");
    const int inside = ++crowd.inside;
    int most = crowd.most;
    while (inside > most && !crowd.most.compare_exchange_weak(most, inside)) continue;
    co_await boost::asio::post(co_await boost::asio::this_coro::executor,
                               boost::asio::use_awaitable_t<Executor>());
    --crowd.inside;
    if (number % 3 == 0) throw std::out_of_range("meant to fail");
}

TEST(TurnsOfManyLoops, never_more_than_so_many_are_inside_and_everybody_comes_in) {
    Crowd crowd;
    Loops loops = make_loops(4);
    std::vector<std::future<void>> all;
    for (int i = 0; i < 2'000; ++i) {
        all.push_back(boost::asio::co_spawn(loops[static_cast<std::size_t>(i) % 4]->context(),
                                            go_in(crowd, i), boost::asio::use_future));
    }
    int failed = 0;
    for (std::future<void>& one : all) {
        try {
            one.get();
        } catch (const std::out_of_range&) {
            ++failed;
        }
    }
    EXPECT_EQ(failed, 667);
    EXPECT_EQ(crowd.inside, 0);
    EXPECT_LE(crowd.most, 3);
}

}  // namespace
}  // namespace souk::core
