// Each loop asks Redis over a connection of its own, which ends with it.
#include "platform/cache/open.h"
#include "platform/cache/redis/cache.h"
#include "platform/cache/tests/scripted_redis.h"
#include "platform/core/clock.h"
#include "platform/testing/on_loop.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::cache {
namespace {

using namespace std::chrono_literals;

constexpr on_redis::Patience patient{
    .answer = 20s, .after_failure = 1s, .reconnect_max = 100ms, .link = {20s, 20s}
};

// Every key has itself for a value.
std::string echo(std::string_view asked) {
    std::string answers;
    for (std::size_t at = asked.find("key:"); at != std::string_view::npos;
         at = asked.find("key:", at + 1)) {
        answers += "$6\r\n" + std::string(asked.substr(at, 6)) + "\r\n";
    }
    return answers;
}

class RedisLoops : public ::testing::Test {
protected:
    std::unique_ptr<Cache> open(const ScriptedRedis& server) {
        std::unique_ptr<Cache> cache =
            on_redis::open({.host = "127.0.0.1", .port = server.port()}, clock_, patient);
        EXPECT_TRUE(testing::comes_true([&] { return cache->is_up(); }));
        return cache;
    }

    std::string get(Cache& cache, const std::string& key, std::size_t loop = 0) {
        const Text kept = loops_.wait(cache.get(key), loop);
        return kept ? *kept : "(none)";
    }

    core::SystemClock clock_;
    testing::OnLoop loops_{2};
};

}  // namespace

TEST_F(RedisLoops, a_loop_connects_when_it_first_asks_and_then_no_more) {
    const ScriptedRedis server(echo);
    const std::unique_ptr<Cache> cache = open(server);
    EXPECT_EQ(server.greeted(), 1) << "what sweeps has a connection of its own";
    EXPECT_EQ(server.connections(), 0);

    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(*cache, "key:10", 0), "key:10");
    EXPECT_EQ(server.greeted(), 2);
    EXPECT_EQ(server.connections(), 1);

    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(*cache, "key:11", 1), "key:11");
    EXPECT_EQ(get(*cache, "key:12", 0), "key:12");
    EXPECT_EQ(server.greeted(), 3);
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(RedisLoops, caches_of_one_loop_are_not_mixed_up) {
    const ScriptedRedis one(echo);
    const ScriptedRedis other([](std::string_view) { return std::string("$-1\r\n"); });
    const std::unique_ptr<Cache> first = open(one);
    std::unique_ptr<Cache> second = open(other);
    EXPECT_EQ(get(*first, "key:10"), "key:10");
    EXPECT_EQ(get(*second, "key:10"), "(none)");

    second.reset();

    EXPECT_EQ(get(*first, "key:10"), "key:10");
    EXPECT_TRUE(testing::comes_true([&] { return other.closed() == 2; }));
    EXPECT_EQ(one.closed(), 0);
}

TEST_F(RedisLoops, commands_of_one_turn_of_the_loop_leave_in_one_piece) {
    std::atomic<int> pieces = 0;
    const ScriptedRedis server([&pieces](std::string_view asked) {
        ++pieces;
        return echo(asked);
    });
    const std::unique_ptr<Cache> cache = open(server);
    ASSERT_EQ(get(*cache, "key:10"), "key:10");
    pieces = 0;

    std::vector<std::future<Text>> asked(50);
    std::promise<void> all_asked;
    boost::asio::post(loops_.loop().context(), [&] {
        for (std::future<Text>& one : asked) one = loops_.start(cache->get("key:11"));
        all_asked.set_value();
    });
    all_asked.get_future().get();

    for (std::future<Text>& one : asked) EXPECT_EQ(*one.get(), "key:11");
    EXPECT_EQ(pieces, 1);
}

TEST_F(RedisLoops, a_loop_that_ends_takes_its_connection_and_who_waits_with_it) {
    std::optional<ScriptedRedis> server([](std::string_view asked) {
        return asked.find("key:99") == std::string_view::npos ? echo(asked) : std::string();
    });
    const std::unique_ptr<Cache> cache = open(*server);
    std::optional<testing::OnLoop> ending(1);
    std::vector<std::future<Text>> asked;
    for (int i = 0; i < 10; ++i) asked.push_back(ending->start(cache->get("key:99")));
    ASSERT_TRUE(testing::comes_true([&] { return server->connections() == 1; }));

    ending.reset();

    for (std::future<Text>& one : asked) EXPECT_THROW(one.get(), std::future_error);
    EXPECT_TRUE(testing::comes_true([&] { return server->closed() == 1; }));
    EXPECT_EQ(get(*cache, "key:10"), "key:10");
    ending.emplace(1);
    EXPECT_EQ(*ending->wait(cache->get("key:11")), "key:11");
    EXPECT_TRUE(cache->is_up());
    server.reset();
    EXPECT_TRUE(testing::comes_true([&] { return !cache->is_up(); })) << "its connection counts";
}

TEST_F(RedisLoops, a_loop_may_end_after_the_cache_it_asked) {
    const ScriptedRedis server([](std::string_view) { return std::string(); });
    std::unique_ptr<Cache> cache = open(server);
    std::optional<testing::OnLoop> loop(1);
    std::future<Text> asked = loop->start(cache->get("key:10"));
    ASSERT_TRUE(testing::comes_true([&] { return server.connections() == 1; }));
    core::Task<Text> later = cache->get("key:11");

    cache.reset();

    EXPECT_EQ(asked.get(), nullptr);
    EXPECT_EQ(loop->wait(std::move(later)), nullptr);
    EXPECT_TRUE(testing::comes_true([&] { return server.closed() == 2; }));
}

TEST_F(RedisLoops, who_is_broken_off_goes_on_and_his_answer_is_for_nobody) {
    // Answers the first only when the second comes.
    std::string held;
    const ScriptedRedis server([&held](std::string_view asked) {
        const std::string answers = std::exchange(held, {}) + echo(asked);
        if (asked.find("key:10") == std::string_view::npos) return answers;
        held = answers;
        return std::string();
    });
    const std::unique_ptr<Cache> cache = open(server);
    boost::asio::cancellation_signal break_off;
    auto& context = loops_.loop().context();
    std::future<Text> first = boost::asio::co_spawn(
        context, cache->get("key:10"),
        boost::asio::bind_cancellation_slot(break_off.slot(), boost::asio::use_future));
    ASSERT_TRUE(testing::comes_true([&] { return server.connections() == 1; }));

    boost::asio::post(context, [&break_off] {
        break_off.emit(boost::asio::cancellation_type::terminal);
        break_off.emit(boost::asio::cancellation_type::terminal);
    });

    EXPECT_EQ(first.get(), nullptr);
    EXPECT_TRUE(cache->is_up()) << "Redis is not to blame";
    EXPECT_EQ(get(*cache, "key:11"), "key:11");
    EXPECT_EQ(server.connections(), 1);
}

}  // namespace souk::cache
