#include "platform/auth/claims.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace souk::auth {
namespace {

const core::Time now = core::from_ms(1'700'000'000'000);

IssuerOptions expected(std::vector<std::string> parties = {}) {
    IssuerOptions options;
    options.issuer = "https://issuer.example";
    options.authorized_parties = std::move(parties);
    return options;
}

// "" when the payload is accepted, else the code of the refusal.
std::string outcome(const std::string& payload, const IssuerOptions& options = expected()) {
    const core::Result<Claims> claims = check_claims(payload, options, now);
    return claims ? "" : std::string(claims.error().code);
}

std::string with(const std::string& members) {
    return R"({"iss":"https://issuer.example",)" + members + "}";
}

TEST(Claims, tell_who_it_is_and_until_when) {
    const core::Result<Claims> claims = check_claims(
        with(R"("exp":1700000060,"sub":"user_1","email":"ann@example.com","name":"Ann \u00e4")"),
        expected(), now);

    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->identity.subject, "user_1");
    EXPECT_EQ(claims->identity.email, "ann@example.com");
    EXPECT_EQ(claims->identity.name, "Ann \xc3\xa4");
    EXPECT_EQ(claims->expires_at, now + std::chrono::seconds(60));
}

TEST(Claims, about_a_person_are_texts_or_not_there) {
    for (const char* const other : {"1", "null", "[\"x\"]", "{}", "true"}) {
        const std::string value(other);
        const core::Result<Claims> claims =
            check_claims(with(R"("exp":1700000060,"sub":)" + value + R"(,"email":)" + value +
                              R"(,"name":)" + value),
                         expected(), now);
        ASSERT_TRUE(claims) << value;
        EXPECT_EQ(claims->identity.subject + claims->identity.email + claims->identity.name, "");
    }
}

TEST(Claims, count_only_from_the_issuer_with_or_without_a_slash) {
    const auto from = [](const std::string& issuer) {
        return R"({"exp":1700000060,"iss":)" + issuer + "}";
    };
    IssuerOptions with_slash = expected();
    with_slash.issuer += '/';
    for (const IssuerOptions& options : {expected(), with_slash}) {
        EXPECT_EQ(outcome(from(R"("https://issuer.example")"), options), "");
        EXPECT_EQ(outcome(from(R"("https://issuer.example/")"), options), "");
        EXPECT_EQ(outcome(from(R"("https://issuer.example//")"), options), "invalid_token");
        EXPECT_EQ(outcome(from(R"("https://issuer.exampl")"), options), "invalid_token");
        EXPECT_EQ(outcome(from(R"("HTTPS://issuer.example")"), options), "invalid_token");
        EXPECT_EQ(outcome(from(R"("")"), options), "invalid_token");
        EXPECT_EQ(outcome(from("null"), options), "invalid_token");
        EXPECT_EQ(outcome(from(R"(["https://issuer.example"])"), options), "invalid_token");
        EXPECT_EQ(outcome(R"({"exp":1700000060})", options), "invalid_token");
    }
}

TEST(Claims, expire_when_the_leeway_after_exp_is_over) {
    const std::vector<std::pair<std::string, std::string>> table = {
        {"1700000060",           ""             },
        {"1700000060.75",        ""             },
        {"1.70000006e9",         ""             },
        {"1699999996",           ""             },
        {"1699999995.000001",    ""             },
        {"1699999995",           "token_expired"},
        {"1699999994.999999",    "token_expired"},
        {"0",                    "token_expired"},
        {"-1",                   "token_expired"},
        {"-9223372036854775808", "token_expired"},
        {"-1e300",               "token_expired"},
        {"9223372036854775807",  ""             },
        {"18446744073709551615", ""             },
        {"99999999999999999999", ""             },
        {"1e300",                ""             },
        {"\"1700000060\"",       "invalid_token"},
        {"null",                 "invalid_token"},
        {"true",                 "invalid_token"},
        {"[1700000060]",         "invalid_token"},
        {"NaN",                  "invalid_token"}
    };
    for (const auto& [exp, code] : table) EXPECT_EQ(outcome(with("\"exp\":" + exp)), code) << exp;
    EXPECT_EQ(outcome(with(R"("sub":"user_1")")), "invalid_token");
}

TEST(Claims, that_begin_later_count_from_the_leeway_before) {
    for (const std::string name : {"nbf", "iat"}) {
        const std::vector<std::pair<std::string, std::string>> table = {
            {"1700000000",        ""             },
            {"1700000005",        ""             },
            {"1700000005.000001", "invalid_token"},
            {"1700000006",        "invalid_token"},
            {"-1",                ""             },
            {"1e300",             "invalid_token"},
            {"\"1\"",             "invalid_token"},
            {"null",              "invalid_token"}
        };
        for (const auto& [time, code] : table) {
            const std::string claim = ",\"" + name + "\":" + time;
            EXPECT_EQ(outcome(with("\"exp\":1700000060" + claim)), code) << claim;
            EXPECT_EQ(outcome(with("\"exp\":0" + claim)), "token_expired") << claim;
        }
    }
}

TEST(Claims, of_another_party_are_refused_only_where_parties_are_named) {
    const auto from = [](const std::string& azp) {
        return with("\"exp\":1700000060,\"azp\":" + azp);
    };
    const IssuerOptions parties = expected({"https://shop.example", "http://localhost:3000"});

    EXPECT_EQ(outcome(from(R"("https://evil.example")")), "");
    EXPECT_EQ(outcome(from(R"("https://shop.example")"), parties), "");
    EXPECT_EQ(outcome(from(R"("http://localhost:3000")"), parties), "");
    EXPECT_EQ(outcome(with("\"exp\":1700000060"), parties), "");
    EXPECT_EQ(outcome(from(R"("https://evil.example")"), parties), "invalid_token");
    EXPECT_EQ(outcome(from(R"("https://shop.example.evil")"), parties), "invalid_token");
    EXPECT_EQ(outcome(from(R"("")"), parties), "invalid_token");
    EXPECT_EQ(outcome(from("null"), parties), "invalid_token");
    EXPECT_EQ(outcome(from(R"(["https://shop.example"])"), parties), "invalid_token");
}

TEST(Claims, are_a_json_object) {
    for (const char* const payload :
         {"", "{", "[]", "null", "\"x\"", "1", "{}x", "{\"exp\":1700000060}", "\xff"}) {
        EXPECT_EQ(outcome(payload), "invalid_token") << payload;
    }
}

}  // namespace
}  // namespace souk::auth
