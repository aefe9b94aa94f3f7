// Tokens as texts: base64url, the three parts, the header, and the header of HTTP they come in.
#include "platform/auth/jwt.h"

#include "platform/auth/base64url.h"
#include "platform/auth/tokens.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace souk::auth {
namespace {

std::string token_with(std::string_view header) {
    return to_base64url(header) + "." + to_base64url("{}") + "." + to_base64url("signature");
}

TEST(Base64url, is_the_one_of_the_standard) {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"",             ""        },
        {"f",            "Zg"      },
        {"fo",           "Zm8"     },
        {"foo",          "Zm9v"    },
        {"foob",         "Zm9vYg"  },
        {"\xfb\xff\xfe", "-__-"    },
        {"foobar",       "Zm9vYmFy"}
    };
    for (const auto& [bytes, text] : table) {
        EXPECT_EQ(to_base64url(bytes), text);
        EXPECT_EQ(from_base64url(text), bytes);
    }
}

TEST(Base64url, takes_one_text_only_for_each_bytes) {
    for (const char* const text : {"Z", "Zg==", "Zg=", "Zh", "Zm9", "Zm9vY", "Zm 8", "Zm8\n", "+_8",
                                   "Zm/v", "Zm9v.", "\xff\xff"}) {
        EXPECT_EQ(from_base64url(text), std::nullopt) << text;
    }
}

TEST(Jwt, is_taken_apart) {
    const std::string token =
        token_with(R"({"alg":"RS256","kid":"k1","typ":"JWT","oiat":1,"cat":"new"})");

    const core::Result<Jwt> jwt = read_jwt(token);

    ASSERT_TRUE(jwt);
    EXPECT_EQ(jwt->key_id, "k1");
    EXPECT_EQ(jwt->payload, "{}");
    EXPECT_EQ(jwt->signature, "signature");
    EXPECT_EQ(jwt->signed_text, token.substr(0, token.rfind('.')));
}

TEST(Jwt, is_refused_unless_its_header_says_rs256_and_a_key) {
    for (const char* const header : {
             R"({"alg":"none","kid":"k1"})",
             R"({"alg":"HS256","kid":"k1"})",
             R"({"alg":"RS512","kid":"k1"})",
             R"({"alg":"rs256","kid":"k1"})",
             R"({"alg":["RS256"],"kid":"k1"})",
             R"({"kid":"k1"})",
             R"({"alg":"RS256"})",
             R"({"alg":"RS256","kid":1})",
             R"({"alg":"RS256","kid":null})",
             R"({"alg":"RS256","kid":"k1","crit":["exp"]})",
             R"(["RS256","k1"])",
             R"("RS256")",
             R"({"alg":"RS256","kid":"k1"} x)",
             "{",
             "",
         }) {
        const std::string token = token_with(header);
        const core::Result<Jwt> jwt = read_jwt(token);
        ASSERT_FALSE(jwt) << header;
        EXPECT_EQ(jwt.error().code, invalid_token_code);
        EXPECT_EQ(jwt.error().fault, core::Fault::unauthorized);
    }
}

TEST(Jwt, is_refused_unless_it_has_three_parts_of_base64url) {
    const std::string good = token_with(R"({"alg":"RS256","kid":"k1"})");
    ASSERT_TRUE(read_jwt(good));
    const std::vector<std::string> table = {
        "",
        ".",
        "..",
        "...",
        "x",
        good + ".",
        good + "." + good,
        good + "=",
        good + " ",
        " " + good,
        good.substr(0, good.rfind('.')),
        "." + good,
        good.substr(good.find('.')),
        good.substr(0, good.find('.')) + ".e30\n." + good.substr(good.rfind('.') + 1)};
    for (const std::string& token : table) EXPECT_FALSE(read_jwt(token)) << token;
}

TEST(Jwt, is_refused_when_it_is_longer_than_any_token) {
    const std::string head = token_with(R"({"alg":"RS256","kid":"k1"})");
    std::string token = head + std::string(token_bytes_max - head.size(), 'A');
    while (!read_jwt(token)) token.pop_back();  // a number of letters that is base64
    EXPECT_GE(token.size(), token_bytes_max - 3);

    token.append(8, 'A');

    ASSERT_FALSE(read_jwt(token));
}

TEST(Jwt, is_made_as_it_is_read) {
    const std::string made = unsigned_jwt("k\"1", R"({"a":1})") + ".AAAA";

    const core::Result<Jwt> jwt = read_jwt(made);

    ASSERT_TRUE(jwt);
    EXPECT_EQ(jwt->key_id, "k\"1");
    EXPECT_EQ(jwt->payload, R"({"a":1})");
}

TEST(BearerToken, is_what_comes_after_the_scheme) {
    EXPECT_EQ(bearer_token("Bearer a.b.c"), "a.b.c");
    EXPECT_EQ(bearer_token("bearer a.b.c"), "a.b.c");
    EXPECT_EQ(bearer_token("BEARER    a.b.c"), "a.b.c");
}

TEST(BearerToken, is_nothing_when_the_header_is_anything_else) {
    for (const char* const header :
         {"", "Bearer", "Bearer ", "Bearer    ", "Bearer\ta", "Bearer a b", "Bearer a ",
          "Bearer a\t", "Basic a", "Bearera", " Bearer a", "a.b.c", "Bearer a\x7f", "Token a"}) {
        EXPECT_EQ(bearer_token(header), "") << header;
    }
}

}  // namespace
}  // namespace souk::auth
