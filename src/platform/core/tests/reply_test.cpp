#include "platform/core/reply.h"

#include "platform/core/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace souk::core {
namespace {

struct Trouble {
    std::string message;
    std::exception_ptr exception() const {
        return std::make_exception_ptr(std::runtime_error(message));
    }
};

// A coroutine on a loop of its own that waits for a number, and tells what became of it.
class Waiting {
public:
    Waiting() {
        outcome = boost::asio::co_spawn(loop_.context(), wait(), boost::asio::use_future);
        reply = owed_.get_future().get();
    }

    std::future<std::string> outcome;
    std::optional<Reply<int>> reply;

private:
    Task<std::string> wait() {
        try {
            const int number = co_await await_reply<int>(
                [this](Reply<int> owed) { owed_.set_value(std::move(owed)); });
            const bool is_here = loop_.context().get_executor().running_in_this_thread();
            co_return is_here ? std::to_string(number) : "on another thread";
        } catch (const Unavailable& down) {
            co_return std::string("unavailable: ") + down.what();
        } catch (const std::exception& trouble) {
            co_return trouble.what();
        }
    }

    std::promise<Reply<int>> owed_;
    Loop loop_{"test"};
};

TEST(Reply, a_value_given_by_another_thread_arrives_on_the_loop_that_waits) {
    Waiting waiting;

    std::thread([&] { waiting.reply->give(7); }).join();

    EXPECT_EQ(waiting.outcome.get(), "7");
}

TEST(Reply, a_failure_is_thrown_where_somebody_waits) {
    Waiting waiting;

    waiting.reply->fail(Trouble{"the roof leaks"});

    EXPECT_EQ(waiting.outcome.get(), "the roof leaks");
}

TEST(Reply, one_that_is_dropped_leaves_nobody_waiting) {
    Waiting waiting;

    waiting.reply.reset();

    EXPECT_EQ(waiting.outcome.get(), "unavailable: was closed before the answer");
}

}  // namespace
}  // namespace souk::core
