// A Redis that is down, late, full, or no Redis at all: the cache says "not there", and comes back
// by itself.
#include "platform/cache/open.h"
#include "platform/cache/redis/cache.h"
#include "platform/cache/tests/scripted_redis.h"
#include "platform/core/clock.h"
#include "platform/core/error.h"
#include "platform/testing/fixed_clock.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/redis.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace souk::cache {
namespace {

using namespace std::chrono_literals;

const Group products{"products:", "catalog:gen"};

Text text(std::string value) { return std::make_shared<const std::string>(std::move(value)); }

// A slow machine must not look like a Redis in trouble, where that is not the point.
constexpr on_redis::Patience patient{
    .answer = 20s, .after_failure = 0ms, .reconnect_max = 100ms, .link = {20s, 20s}
};
// Where it is, nothing in a test depends on how long this is.
constexpr on_redis::Patience hasty{
    .answer = 50ms, .after_failure = 1s, .reconnect_max = 100ms, .link = {20s, 200ms}
};

class RedisTrouble : public ::testing::Test {
protected:
    std::unique_ptr<Cache> open(int port, on_redis::Patience patience) {
        return on_redis::open({.host = "127.0.0.1", .port = port}, clock_, patience);
    }

    // Polls, because the clock of the circuit stands still unless a test moves it.
    bool comes_up(const Cache& cache) {
        return testing::comes_true([&] {
            clock_.advance(1s);
            return cache.is_up();
        });
    }

    bool can_keep(Cache& cache) {
        const std::optional<std::int64_t> now = loops_.wait(cache.generation(products));
        if (!now) return false;
        loops_.wait(cache.put(products, {"products:1", text("one"), 60s}, *now));
        return get(cache) == "one";
    }

    std::string get(Cache& cache, const std::string& key = "products:1") {
        const Text kept = loops_.wait(cache.get(key));
        return kept ? *kept : "(none)";
    }

    testing::FixedClock clock_;
    testing::OnLoop loops_{2};
};

}  // namespace

TEST_F(RedisTrouble, nobody_is_at_the_address) {
    const std::unique_ptr<Cache> cache = open(1, patient);
    EXPECT_FALSE(cache->is_up());
    EXPECT_FALSE(can_keep(*cache));
    EXPECT_EQ(get(*cache), "(none)");
    loops_.wait(cache->drop(products));
    EXPECT_EQ(loops_.wait(cache->admit({
                  {"limit:ip", 1, 60s}
    })),
              0s);
    EXPECT_EQ(loops_.wait(cache->admit({
                  {"limit:ip", 1, 60s}
    })),
              60s);
}

TEST_F(RedisTrouble, a_server_that_is_killed_and_started_again_is_used_again) {
    testing::Redis server;
    const std::unique_ptr<Cache> cache = open(server.port(), patient);
    ASSERT_TRUE(comes_up(*cache));
    ASSERT_TRUE(can_keep(*cache));

    server.kill();
    EXPECT_TRUE(testing::comes_true([&] { return !cache->is_up(); }));
    EXPECT_EQ(get(*cache), "(none)");
    server.start();

    EXPECT_TRUE(testing::comes_true([&] { return can_keep(*cache); }));
}

TEST_F(RedisTrouble, a_drop_that_fails_is_owed_and_made_up_for) {
    testing::Redis server;
    const std::unique_ptr<Cache> cache = open(server.port(), hasty);
    ASSERT_TRUE(comes_up(*cache));
    ASSERT_TRUE(testing::comes_true([&] {
        clock_.advance(1s);
        return can_keep(*cache);
    }));

    server.freeze();
    loops_.wait(cache->drop(products));
    server.go_on();

    // Either still owed, then nothing is given out, or done, then nothing is there.
    for (int i = 0; i < 20; ++i) EXPECT_EQ(get(*cache), "(none)");
    EXPECT_TRUE(testing::comes_true([&] {
        clock_.advance(1s);
        return server.ask({"EXISTS", "products:1"}) == "0";
    }));
    EXPECT_TRUE(testing::comes_true([&] {
        clock_.advance(1s);
        return can_keep(*cache);
    }));
}

TEST_F(RedisTrouble, while_a_drop_is_owed_nothing_of_its_group_is_read_or_put) {
    testing::Redis server;
    server.ask({"SET", "products:1", "old"});
    server.ask({"SET", "catalog:gen", "not a number"});  // cannot be raised
    server.ask({"SET", "product:1", "other"});
    const std::unique_ptr<Cache> cache = open(server.port(), patient);
    ASSERT_TRUE(comes_up(*cache));
    EXPECT_EQ(get(*cache), "old");

    loops_.wait(cache->drop(products));

    EXPECT_EQ(get(*cache), "(none)");
    EXPECT_EQ(loops_.wait(cache->generation(products)), std::nullopt);
    EXPECT_EQ(get(*cache, "product:1"), "other");
    EXPECT_EQ(server.ask({"GET", "products:1"}), "old");

    server.ask({"DEL", "catalog:gen"});
    EXPECT_TRUE(testing::comes_true([&] { return can_keep(*cache); }));
}

TEST_F(RedisTrouble, a_server_that_stands_still_is_not_waited_for_and_then_not_asked) {
    testing::Redis server;
    const std::unique_ptr<Cache> cache = open(server.port(), hasty);
    ASSERT_TRUE(comes_up(*cache));
    server.freeze();

    EXPECT_EQ(get(*cache), "(none)");
    EXPECT_FALSE(cache->is_up());
    EXPECT_EQ(loops_.wait(cache->generation(products)), std::nullopt);
    EXPECT_EQ(loops_.wait(cache->admit({
                  {"limit:ip", 1, 60s}
    })),
              0s);
    EXPECT_NE(loops_.wait(cache->admit({
                  {"limit:ip", 1, 60s}
    })),
              0s);

    server.go_on();
    EXPECT_TRUE(testing::comes_true([&] {
        clock_.advance(1s);
        return can_keep(*cache);
    }));
}

TEST_F(RedisTrouble, late_answers_go_to_their_own_commands) {
    // Answers the first GET only when the second comes, and both at once then.
    std::string held;
    ScriptedRedis late([&held](std::string_view asked) {
        std::string answers;
        for (std::size_t at = asked.find("key:"); at != std::string_view::npos;
             at = asked.find("key:", at + 1)) {
            answers += "$5\r\n" + std::string(asked.substr(at, 5)) + "\r\n";
        }
        if (held.empty()) {
            held = answers;
            return std::string();
        }
        return held + answers;
    });
    on_redis::Patience patience = patient;
    patience.answer = 50ms;
    const std::unique_ptr<Cache> cache = open(late.port(), patience);
    ASSERT_TRUE(comes_up(*cache));

    EXPECT_EQ(get(*cache, "key:1"), "(none)");
    const std::string second = get(*cache, "key:2");
    EXPECT_TRUE(second == "key:2" || second == "(none)") << second;
    EXPECT_EQ(late.connections(), 1);
}

TEST_F(RedisTrouble, a_full_memory_keeps_nothing_new_and_still_drops) {
    testing::Redis server({"--maxmemory-policy", "noeviction"});
    const std::unique_ptr<Cache> cache = open(server.port(), patient);
    ASSERT_TRUE(comes_up(*cache));
    ASSERT_TRUE(can_keep(*cache));
    const std::int64_t now = loops_.wait(cache->generation(products)).value();
    server.ask({"CONFIG", "SET", "maxmemory", "1"});

    loops_.wait(cache->put(products, {"products:2", text("two"), 60s}, now));
    EXPECT_EQ(get(*cache, "products:2"), "(none)");
    EXPECT_EQ(get(*cache), "one");
    EXPECT_EQ(loops_.wait(cache->admit({
                  {"limit:ip", 1, 60s}
    })),
              0s);
    EXPECT_NE(loops_.wait(cache->admit({
                  {"limit:ip", 1, 60s}
    })),
              0s);

    loops_.wait(cache->drop(products));
    EXPECT_EQ(server.ask({"EXISTS", "products:1"}), "0");
    EXPECT_TRUE(cache->is_up());

    server.ask({"CONFIG", "SET", "maxmemory", "0"});
    loops_.wait(cache->put(products, {"products:2", text("two"), 60s}, now));
    EXPECT_EQ(get(*cache, "products:2"), "(none)") << "kept what was read before the drop";
    EXPECT_TRUE(can_keep(*cache));
}

TEST_F(RedisTrouble, with_tls_only_a_certificate_that_is_trusted_will_do) {
    testing::Redis server;
    const RedisAddress address{.host = "127.0.0.1", .port = server.tls_port(), .tls = true};
    const std::unique_ptr<Cache> stranger = on_redis::open(address, clock_, patient);
    const auto was_refused = [&] {
        return server.log().find("Error accepting a client connection") != std::string::npos;
    };
    EXPECT_TRUE(testing::comes_true(was_refused)) << server.log();
    EXPECT_FALSE(stranger->is_up());

    ::setenv("SSL_CERT_FILE", server.certificate().c_str(), 1);
    const std::unique_ptr<Cache> cache = on_redis::open(address, clock_, patient);
    EXPECT_TRUE(testing::comes_true([&] { return can_keep(*cache); }));
    RedisAddress other_name = address;
    other_name.host = "localhost";
    EXPECT_THROW(redis_version(other_name, 20s), core::Unavailable);
    EXPECT_TRUE(redis_version(address, 20s).starts_with("7."));
    ::unsetenv("SSL_CERT_FILE");
}

TEST_F(RedisTrouble, why_a_server_does_not_tell_its_version_is_said) {
    testing::Redis server({"--requirepass", "geheim"});
    RedisAddress address{.host = "127.0.0.1", .port = server.port(), .password = "geheim"};
    EXPECT_TRUE(redis_version(address, 20s).starts_with("7."));

    const auto why = [](const RedisAddress& where, std::chrono::milliseconds patience) {
        try {
            return redis_version(where, patience);
        } catch (const core::Unavailable& down) {
            return std::string(down.what());
        }
    };
    address.password = "wrong";
    EXPECT_NE(why(address, 20s).find("WRONGPASS"), std::string::npos);
    EXPECT_EQ(why({.host = "127.0.0.1", .port = 1}, 20s), "Connection refused");
    const ScriptedRedis silent([](std::string_view) { return std::string(); });
    EXPECT_EQ(why({.host = "127.0.0.1", .port = silent.port()}, 50ms), "no answer in time");
}

struct Nonsense {
    std::string name;
    std::string answer;
};

const std::string half_of_too_much(4'300'000, 'x');

class NonsenseServer : public RedisTrouble, public ::testing::WithParamInterface<Nonsense> {};

TEST_P(NonsenseServer, is_left_after_its_first_answer) {
    ScriptedRedis server([](std::string_view) { return GetParam().answer; });
    const std::unique_ptr<Cache> cache = open(server.port(), hasty);
    ASSERT_TRUE(comes_up(*cache));

    EXPECT_EQ(get(*cache), "(none)");
    EXPECT_TRUE(testing::comes_true([&] { return server.closed() > 0; }));

    // And whatever it goes on to say: nothing of it is taken for an answer.
    for (int i = 0; i < 3; ++i) {
        comes_up(*cache);
        EXPECT_EQ(get(*cache), "(none)");
        EXPECT_EQ(loops_.wait(cache->generation(products)), std::nullopt);
        loops_.wait(cache->drop(products));
        EXPECT_EQ(loops_.wait(cache->admit({
                      {"limit:" + std::to_string(i), 1, 60s}
        })),
                  0s);
    }
}

INSTANTIATE_TEST_SUITE_P(
    answers, NonsenseServer,
    ::testing::Values(Nonsense{"garbage", "HTTP/1.1 400 Bad Request\r\n\r\n"},
                      Nonsense{"wrong_kind", "*1\r\n:1\r\n"}, Nonsense{"nothing_at_all", ""},
                      Nonsense{"half", "$100\r\nhalf"}, Nonsense{"two_for_one", "$-1\r\n$-1\r\n"},
                      Nonsense{"huge_list", "*2000000000\r\n"},
                      Nonsense{"huge_text", "$9000000\r\n" + half_of_too_much + half_of_too_much}),
    [](const auto& one) { return one.param.name; });

TEST_F(RedisTrouble, who_waits_when_it_is_closed_is_answered) {
    ScriptedRedis silent([](std::string_view) { return std::string(); });
    std::unique_ptr<Cache> cache = open(silent.port(), hasty);
    ASSERT_TRUE(comes_up(*cache));
    std::vector<std::future<Text>> asked;
    for (std::size_t i = 0; i < 100; ++i) asked.push_back(loops_.start(cache->get("key"), i));

    cache.reset();

    for (std::future<Text>& one : asked) EXPECT_EQ(one.get(), nullptr);
}

}  // namespace souk::cache
