#include "platform/cache/redis_address.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

namespace souk::cache {
namespace {

struct Case {
    RedisSettings settings;
    std::string result;  // as shown() writes it
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.settings.url; }

std::string shown(const RedisAddress& address) {
    return std::string(address.tls ? "tls " : "") + address.host + " " +
           std::to_string(address.port) + " '" + address.user + "' '" + address.password + "' " +
           std::to_string(address.database);
}

class RedisAddresses : public ::testing::TestWithParam<Case> {};

TEST_P(RedisAddresses, are_read) {
    const core::Result<RedisAddress> address = parse_redis_address(GetParam().settings);
    ASSERT_TRUE(address) << address.error().message.view();
    EXPECT_EQ(shown(*address), GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    forms, RedisAddresses,
    ::testing::Values(
        Case{
            {"cache.example"},
            "cache.example 14027 '' '' 0"
},
        Case{{" cache.example\n"}, "cache.example 14027 '' '' 0"},
        Case{{"cache.example", 6379}, "cache.example 6379 '' '' 0"},
        Case{{"cache.example:6380", 6379}, "cache.example 6380 '' '' 0"},
        Case{{"10.0.0.7:1"}, "10.0.0.7 1 '' '' 0"}, Case{{"[::1]"}, "::1 14027 '' '' 0"},
        Case{{"[fe80::1:2]:7", 6379}, "fe80::1:2 7 '' '' 0"},
        Case{{"cache", 0, "default", "secret"}, "cache 14027 'default' 'secret' 0"},
        Case{{"redis://cache"}, "cache 14027 '' '' 0"},
        Case{{"REDIS://cache/"}, "cache 14027 '' '' 0"},
        Case{{"redis://cache/3"}, "cache 14027 '' '' 3"},
        Case{{"redis://cache:6380/3", 1, "a", "b"}, "cache 6380 'a' 'b' 3"},
        Case{{"rediss://cache:6380"}, "tls cache 6380 '' '' 0"},
        Case{{"redis://me:pass@cache", 0, "a", "b"}, "cache 14027 'me' 'pass' 0"},
        Case{{"redis://:pass@cache", 0, "a", "b"}, "cache 14027 'a' 'pass' 0"},
        Case{{"redis://me@cache", 0, "a", "b"}, "cache 14027 'me' 'b' 0"},
        Case{{"redis://me:p%40ss%2F%3a@[::1]:9/1"}, "::1 9 'me' 'p@ss/:' 1"},
        Case{{"redis://me:a@b@cache"}, "cache 14027 'me' 'a@b' 0"},
        Case{{"redis://a%20b:c:d@cache"}, "cache 14027 'a b' 'c:d' 0"}));

class MalformedRedisAddresses : public ::testing::TestWithParam<const char*> {};

TEST_P(MalformedRedisAddresses, are_refused_without_showing_a_password) {
    const core::Result<RedisAddress> address = parse_redis_address({.url = GetParam()});
    ASSERT_FALSE(address) << shown(*address);
    const core::Error why = address.error();
    const std::string_view message = why.message.view();
    EXPECT_EQ(message.find("geheim"), std::string_view::npos) << message;
    EXPECT_GT(message.size(), 20U);
}

INSTANTIATE_TEST_SUITE_P(
    forms, MalformedRedisAddresses,
    ::testing::Values("", "redis://", "redis://:geheim@", "http://cache", "geheim@cache",
                      "me:geheim@cache", "cache:", "cache:0", "cache:65536", "cache:12x", "::1",
                      "[::1", "[::1]6379", "[cache]", "ca che", "redis://cache/x",
                      "redis://cache/-1", "redis://cache/1/2", "redis://cache/70000",
                      "redis://cache?db=1", "redis://me:geheim%4@cache",
                      "redis://me:geheim%zz@cache", "redis://me:ge/geheim@cache",
                      "redis://me:ge?geheim@cache", "cache/1"));

}  // namespace
}  // namespace souk::cache
