#include "platform/auth/verified_tokens.h"

#include "platform/auth/tests/fake_issuer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace souk::auth {
namespace {

core::Time at(std::int64_t second) { return core::from_ms(second * 1'000); }

Claims claims(const std::string& subject, std::int64_t until) {
    return {
        .identity = {.subject = subject, .email = "", .name = ""},
          .expires_at = at(until)
    };
}

std::shared_ptr<SigningKey> some_key() {
    return read_key_set(key_set(jwk("k", test_keys()))).at("k");
}

TEST(VerifiedTokens, are_found_by_their_hash_until_they_expire) {
    VerifiedTokens tokens;
    tokens.keep(hash_of("a"), claims("ann", 100), some_key(), at(0));

    EXPECT_EQ(tokens.find(hash_of("a"), at(99)).value().subject, "ann");
    EXPECT_FALSE(tokens.find(hash_of("b"), at(99)));
    EXPECT_FALSE(tokens.find(hash_of("a"), at(100)));
    EXPECT_EQ(tokens.size(), 0U);
}

TEST(VerifiedTokens, go_with_their_key) {
    VerifiedTokens tokens;
    const std::shared_ptr<SigningKey> key = some_key();
    tokens.keep(hash_of("a"), claims("ann", 100), key, at(0));
    tokens.keep(hash_of("b"), claims("bob", 100), some_key(), at(0));

    key->retire();

    EXPECT_FALSE(tokens.find(hash_of("a"), at(0)));
    EXPECT_TRUE(tokens.find(hash_of("b"), at(0)));
}

TEST(VerifiedTokens, are_never_more_than_there_is_room_for) {
    VerifiedTokens tokens(160);
    const SigningKeyPtr key = some_key();
    for (int i = 0; i < 2'000; ++i) {
        const std::string name = std::to_string(i);
        tokens.keep(hash_of(name), claims(name, 100 + i), key, at(0));
        EXPECT_TRUE(tokens.find(hash_of(name), at(0))) << "the newest is there";
    }

    EXPECT_EQ(tokens.size(), 160U);
}

TEST(VerifiedTokens, make_room_for_another_when_they_are_over_or_expire_soonest) {
    VerifiedTokens tokens(32);  // two in each shard; the last byte selects the shard
    const SigningKeyPtr key = some_key();
    const auto keep = [&](unsigned char token, std::int64_t until, std::int64_t now) {
        tokens.keep(TokenHash{token}, claims("", until), key, at(now));
    };
    keep(1, 10, 0);
    keep(2, 20, 0);
    keep(3, 30, 10);
    EXPECT_EQ(tokens.size(), 2U) << "the first was over";
    EXPECT_TRUE(tokens.find(TokenHash{2}, at(10)));

    keep(4, 25, 10);

    EXPECT_EQ(tokens.size(), 2U);
    EXPECT_FALSE(tokens.find(TokenHash{2}, at(10))) << "it would have expired soonest";
    EXPECT_TRUE(tokens.find(TokenHash{3}, at(10)));
    EXPECT_TRUE(tokens.find(TokenHash{4}, at(10)));
}

TEST(VerifiedTokens, have_the_sha_256_of_the_standard) {
    const TokenHash hash = hash_of("abc");

    const std::string text(reinterpret_cast<const char*>(hash.data()), hash.size());
    EXPECT_EQ(to_base64url(text), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

}  // namespace
}  // namespace souk::auth
