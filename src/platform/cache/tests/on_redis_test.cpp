// The cache on a real Redis that is well: what it keeps, drops and counts.
#include "platform/cache/open.h"
#include "platform/cache/redis/cache.h"
#include "platform/core/clock.h"
#include "platform/testing/on_loop.h"
#include "platform/testing/redis.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::cache {
namespace {

using namespace std::chrono_literals;

const Group products{"products:", "catalog:gen"};

Text text(std::string value) { return std::make_shared<const std::string>(std::move(value)); }

testing::Redis& server() {
    static testing::Redis redis;
    return redis;
}

// Slow machines have their time here: lateness is what redis_trouble_test.cpp is about.
constexpr on_redis::Patience patient{
    .answer = 20s, .after_failure = 0ms, .reconnect_max = 100ms, .link = {20s, 20s}
};

class OnRedis : public ::testing::Test {
protected:
    OnRedis() {
        server().ask({"FLUSHALL"});
        EXPECT_TRUE(testing::comes_true([this] { return cache_->is_up(); }));
    }

    std::unique_ptr<Cache> open(const std::string& password = "", int database = 0) {
        RedisAddress address{.host = "127.0.0.1", .port = server().port()};
        address.password = password;
        address.database = database;
        return on_redis::open(address, clock_, patient);
    }

    std::int64_t generation() { return loops_.wait(cache_->generation(products)).value(); }

    void put(const std::string& key, const std::string& value, std::chrono::seconds life = 60s) {
        loops_.wait(cache_->put(products, {key, text(value), life}, generation()));
    }

    std::string get(const std::string& key, std::size_t loop = 0) {
        const Text kept = loops_.wait(cache_->get(key), loop);
        return kept ? *kept : "(none)";
    }

    core::SystemClock clock_;
    testing::OnLoop loops_{2};
    std::unique_ptr<Cache> cache_ = open();
};

}  // namespace

TEST_F(OnRedis, what_was_put_is_there_under_its_own_key_for_its_life) {
    put("products:1", "one", 3600s);

    EXPECT_EQ(get("products:1", 0), "one");
    EXPECT_EQ(get("products:1", 1), "one");
    EXPECT_EQ(get("products:2"), "(none)");
    EXPECT_EQ(server().ask({"GET", "products:1"}), "one");
    const int left = std::stoi(server().ask({"TTL", "products:1"}));
    EXPECT_TRUE(left > 3500 && left <= 3600) << left;
}

TEST_F(OnRedis, any_bytes_can_be_kept) {
    const std::string bytes("\0\r\n$5\r\n\xFF", 8);
    put("products:1", bytes);
    EXPECT_EQ(get("products:1"), bytes);
    put("products:2", "");
    EXPECT_EQ(get("products:2"), "");
}

TEST_F(OnRedis, a_value_too_large_to_be_read_back_is_not_put) {
    put("products:1", std::string(5U << 20U, 'x'));
    put("products:2", std::string(3U << 20U, 'x'));
    EXPECT_EQ(get("products:1"), "(none)");
    EXPECT_EQ(get("products:2").size(), 3U << 20U);
}

TEST_F(OnRedis, answers_of_many_at_once_are_not_mixed_up) {
    for (int i = 0; i < 100; ++i) put("products:" + std::to_string(i), std::to_string(i));
    std::vector<std::future<Text>> asked;
    for (std::size_t i = 0; i < 2'000; ++i)
        asked.push_back(loops_.start(cache_->get("products:" + std::to_string(i % 100)), i));
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const Text kept = asked[i].get();
        ASSERT_TRUE(kept);
        EXPECT_EQ(*kept, std::to_string(i % 100));
    }
}

TEST_F(OnRedis, a_drop_removes_thousands_of_keys_and_no_others) {
    constexpr int many = 2'000;
    std::vector<std::future<void>> puts;
    const std::int64_t now = generation();
    for (int i = 0; i < many; ++i) {
        const std::string key = "products:" + std::to_string(i);
        puts.push_back(loops_.start(cache_->put(products, {key, text("x"), 60s}, now)));
    }
    for (std::future<void>& one : puts) one.get();
    server().ask({"SET", "product:1", "other"});
    ASSERT_EQ(server().ask({"DBSIZE"}), std::to_string(many + 3));

    loops_.wait(cache_->drop(products));

    EXPECT_TRUE(testing::comes_true(
        [this] { return loops_.wait(cache_->generation(products)).has_value(); }));
    EXPECT_EQ(get("products:7"), "(none)");
    EXPECT_EQ(server().ask({"DBSIZE"}), "2") << server().ask({"KEYS", "*"});
    EXPECT_EQ(server().ask({"GET", "product:1"}), "other");
}

TEST_F(OnRedis, a_prefix_of_special_characters_drops_only_what_begins_with_it) {
    const Group odd{"p[a-z]*\\", "odd:gen"};
    server().ask({"SET", "pb", "other"});
    server().ask({"SET", "p[a-z]*\\1", "one"});
    loops_.wait(cache_->drop(odd));
    EXPECT_EQ(server().ask({"EXISTS", "p[a-z]*\\1"}), "0");
    EXPECT_EQ(server().ask({"EXISTS", "pb"}), "1");
}

TEST_F(OnRedis, what_was_read_before_a_drop_is_not_kept_after_it) {
    const std::int64_t before = generation();
    loops_.wait(cache_->drop(products));
    loops_.wait(cache_->put(products, {"products:1", text("old"), 60s}, before));

    EXPECT_EQ(get("products:1"), "(none)");
    put("products:1", "new");
    EXPECT_EQ(get("products:1"), "new");
}

TEST_F(OnRedis, a_redis_that_was_emptied_does_not_give_an_old_generation_again) {
    const std::int64_t before = generation();
    server().ask({"FLUSHALL"});
    loops_.wait(cache_->put(products, {"products:1", text("old"), 60s}, before));
    EXPECT_EQ(get("products:1"), "(none)");
    EXPECT_NE(generation(), before);

    server().ask({"FLUSHALL"});
    loops_.wait(cache_->drop(products));
    EXPECT_NE(generation(), before);
    EXPECT_NE(generation(), 1);
}

TEST_F(OnRedis, no_more_keys_are_kept_than_a_group_may_have) {
    Group small = products;
    small.keys_max = 2;
    std::chrono::seconds life = 60s;
    for (const char* key : {"products:1", "products:2", "products:3", "products:3"})
        loops_.wait(cache_->put(small, {key, text("x"), life++}, generation()));
    EXPECT_EQ(get("products:1"), "(none)") << "nobody can keep others out with keys of his own";
    EXPECT_EQ(get("products:2"), "x");
    EXPECT_EQ(get("products:3"), "x");
}

TEST_F(OnRedis, limits_are_counted_for_all_processes_together) {
    const std::unique_ptr<Cache> other = open();
    ASSERT_TRUE(testing::comes_true([&] { return other->is_up(); }));
    const std::vector<Limit> limits{
        {"limit:ip",    2, 3600s},
        {"limit:email", 3, 3600s}
    };
    EXPECT_EQ(loops_.wait(cache_->admit(limits)), 0s);
    EXPECT_EQ(loops_.wait(other->admit(limits)), 0s);

    const std::chrono::seconds wait = loops_.wait(cache_->admit(limits));
    EXPECT_TRUE(wait > 3500s && wait <= 3600s) << wait.count();
    EXPECT_EQ(server().ask({"ZCARD", "limit:email"}), "2");
    EXPECT_EQ(loops_.wait(other->admit({limits[1]})), 0s);
    EXPECT_GT(loops_.wait(other->admit({limits[1]})), 0s);
    EXPECT_GT(std::stoi(server().ask({"TTL", "limit:ip"})), 3500);
}

TEST_F(OnRedis, a_window_rolls) {
    const std::vector<Limit> limits{
        {"limit:ip", 1, 1s}
    };
    EXPECT_EQ(loops_.wait(cache_->admit(limits)), 0s);
    EXPECT_TRUE(testing::comes_true([&] { return loops_.wait(cache_->admit(limits)) == 0s; }));
}

TEST_F(OnRedis, a_password_and_a_database_are_honoured) {
    server().ask({"CONFIG", "SET", "requirepass", "secret"});
    const std::unique_ptr<Cache> wrong = open("wrong");
    const std::unique_ptr<Cache> right = open("secret", 3);
    EXPECT_TRUE(testing::comes_true([&] { return right->is_up(); }));
    const std::int64_t now = loops_.wait(right->generation(products)).value();
    loops_.wait(right->put(products, {"products:1", text("one"), 60s}, now));

    const auto was_refused = [] { return !server().ask({"-a", "secret", "ACL", "LOG"}).empty(); };
    EXPECT_TRUE(testing::comes_true(was_refused));
    EXPECT_FALSE(wrong->is_up());
    server().ask({"-a", "secret", "CONFIG", "SET", "requirepass", ""});
    EXPECT_EQ(server().ask({"-n", "3", "GET", "products:1"}), "one");
    EXPECT_EQ(right->describe(), "Redis at 127.0.0.1:" + std::to_string(server().port()));
}

}  // namespace souk::cache
