#include "platform/cache/redis/reply.h"

#include "platform/cache/redis/command.h"
#include "platform/cache/redis/names.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::cache::on_redis {
namespace {

using Kind = Reply::Kind;

TEST(RedisReply, every_kind_is_read_however_it_is_cut) {
    const std::string bytes =
        "$5\r\nhello\r\n:42\r\n$-1\r\n-ERR no\r\n+OK\r\n*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        ReplyReader reader;
        std::vector<Reply> all;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            reader.feed(std::string_view(bytes).substr(at, piece));
            while (std::optional<Reply> reply = reader.next()) all.push_back(std::move(*reply));
        }
        ASSERT_EQ(all.size(), 6U) << "in pieces of " << piece;
        EXPECT_EQ(all[0].text, "hello");
        EXPECT_EQ(all[1].integer, 42);
        EXPECT_EQ(all[2].kind, Kind::nil);
        EXPECT_EQ(all[3].kind, Kind::error);
        EXPECT_EQ(all[3].text, "ERR no");
        EXPECT_EQ(all[4].text, "OK");
        EXPECT_TRUE(is_scan(all[5]));
        EXPECT_EQ(all[5].list[1].list[0].text, "k");
    }
}

bool is_nonsense(const std::string& bytes, ReplyBounds bounds = {}, std::size_t piece = 65'536) {
    try {
        ReplyReader reader(bounds);
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            reader.feed(std::string_view(bytes).substr(at, piece));
            while (reader.next()) continue;
        }
    } catch (const Nonsense&) {
        return true;
    }
    return false;
}

TEST(RedisReply, what_is_not_resp_is_nonsense) {
    for (const char* bytes : {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "$x\r\n", "$-2\r\n", ":x\r\n",
                              "*-2\r\n", "*99999999999999\r\n", "hello", "%1\r\n"})
        EXPECT_TRUE(is_nonsense(bytes)) << bytes;
}

TEST(RedisReply, what_is_too_large_is_nonsense_before_it_is_stored) {
    EXPECT_TRUE(is_nonsense("*2000000000\r\n"));
    EXPECT_TRUE(is_nonsense("*1000\r\n*1000\r\n", {.elements_max = 1'500}));
    EXPECT_TRUE(is_nonsense("$2000\r\n" + std::string(2'000, 'x'), {.bytes_max = 1'000}));
    EXPECT_TRUE(is_nonsense("*3\r\n$6\r\nabcdef\r\n$6\r\nabcdef\r\n", {.bytes_max = 24}));
    EXPECT_FALSE(is_nonsense("$8000000\r\n" + std::string(8'000'000, 'x') + "\r\n"));
}

TEST(RedisReply, bounds_are_of_one_reply_and_not_of_all_together) {
    std::string many;
    for (int i = 0; i < 100; ++i) many += "*2\r\n$6\r\nabcdef\r\n$6\r\nabcdef\r\n";
    ReplyReader reader({.bytes_max = 64, .elements_max = 2});
    for (std::size_t at = 0; at < many.size(); at += 10) {
        reader.feed(std::string_view(many).substr(at, 10));
        while (reader.next()) continue;
    }
}

TEST(RedisReply, how_the_bytes_are_cut_makes_no_difference_to_the_bounds) {
    const std::string fitting = "$6\r\nabcdef\r\n";
    const std::string too_large = "$7\r\nabcdefg\r\n";
    const ReplyBounds bounds{.bytes_max = fitting.size()};
    for (std::size_t piece = 1; piece <= 50; ++piece) {
        EXPECT_FALSE(is_nonsense(fitting + fitting + fitting, bounds, piece)) << piece;
        EXPECT_TRUE(is_nonsense(fitting + too_large + fitting, bounds, piece)) << piece;
    }
}

TEST(RedisCommand, words_are_sent_with_their_lengths) {
    const std::string zero("a\0b", 3);
    const Command command({"SET", zero, ""}, is_text);
    EXPECT_EQ(command.bytes(), std::string("*3\r\n$3\r\nSET\r\n$3\r\na\0b\r\n$0\r\n\r\n", 28));
}

TEST(RedisNames, a_prefix_with_special_characters_matches_only_itself) {
    EXPECT_EQ(matching("products:"), "products:*");
    EXPECT_EQ(matching(R"(a*b?[c]\)"), R"(a\*b\?\[c\]\\*)");
}

TEST(RedisNames, a_fresh_number_is_a_positive_integer_of_redis) {
    EXPECT_LT(std::stoull(fresh_number()), 1ULL << 60U);
    EXPECT_NE(fresh_number(), fresh_number());
}

}  // namespace
}  // namespace souk::cache::on_redis
