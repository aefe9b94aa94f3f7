// Tokens of an issuer, from their text to the identity they prove (store.md, decision S4).
#include "platform/auth/tests/fake_issuer.h"

#include <gtest/gtest.h>
#include <openssl/hmac.h>

#include <array>
#include <random>
#include <string>

namespace souk::auth {
namespace {

// Signed as it says, with a header of the test's own.
std::string token_with_header(std::string_view header) {
    const std::string text = to_base64url(header) + "." + to_base64url(World::claims());
    return text + "." + to_base64url(test_keys().sign(text));
}

TEST(Verifier, tells_whom_a_token_is_for) {
    World world;

    for (int round = 0; round < 3; ++round) {
        const core::Result<Identity> who = world.begin(World::token()).get();
        ASSERT_TRUE(who);
        EXPECT_EQ(who->subject, "user_1");
        EXPECT_EQ(who->email, "ann@example.com");
        EXPECT_EQ(who->name, "Ann");
    }
    EXPECT_EQ(world.issuer.fetches(), 1U);
}

TEST(Verifier, refuses_a_token_of_which_any_part_is_changed) {
    World world;
    const std::string token = World::token();
    const std::string head = token.substr(0, token.find('.'));
    const std::string tail = token.substr(token.rfind('.'));
    ASSERT_EQ(world.verify(token), "");
    const std::string another_claim = to_base64url(World::claims(61));
    const std::string another_header = to_base64url(R"({"kid":"k1","alg":"RS256"})");
    std::string signature = from_base64url(tail.substr(1)).value();
    signature[100] = static_cast<char>(signature[100] ^ 1);
    const std::string text = token.substr(0, token.rfind('.') + 1);

    EXPECT_EQ(world.verify(head + "." + another_claim + tail), invalid_token_code);
    EXPECT_EQ(world.verify(another_header + token.substr(token.find('.'))), invalid_token_code);
    EXPECT_EQ(world.verify(text + to_base64url(signature)), invalid_token_code);
    EXPECT_EQ(world.verify(text), invalid_token_code);
    EXPECT_EQ(world.verify(text + to_base64url(signature.substr(1))), invalid_token_code);
    EXPECT_EQ(world.verify(text + to_base64url(std::string(256, '\0'))), invalid_token_code);
    EXPECT_EQ(world.verify(token), "");
}

TEST(Verifier, takes_no_other_algorithm_however_it_is_signed) {
    World world;
    ASSERT_EQ(world.verify(World::token()), "");
    for (const char* const algorithm :
         {"none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", ""}) {
        const std::string header = R"({"kid":"k1","alg":")" + std::string(algorithm) + "\"}";
        EXPECT_EQ(world.verify(token_with_header(header)), invalid_token_code) << algorithm;
        const std::string text = to_base64url(header) + "." + to_base64url(World::claims());
        EXPECT_EQ(world.verify(text + "."), invalid_token_code) << algorithm;
    }
    EXPECT_EQ(world.verify(token_with_header(R"({"kid":"k1","alg":"RS256"})")), "");
}

TEST(Verifier, does_not_take_the_public_key_for_a_secret) {
    World world;
    const std::string secret = test_keys().modulus();
    for (const char* const algorithm : {"HS256", "RS256"}) {
        const std::string header = R"({"kid":"k1","alg":")" + std::string(algorithm) + "\"}";
        const std::string text = to_base64url(header) + "." + to_base64url(World::claims());
        std::array<unsigned char, EVP_MAX_MD_SIZE> code{};
        unsigned size = 0;
        HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
        const std::string bytes(reinterpret_cast<const char*>(code.data()), size);
        EXPECT_EQ(world.verify(text + "." + to_base64url(bytes)), invalid_token_code);
    }
}

TEST(Verifier, refuses_a_token_that_names_no_key_or_another) {
    World world;
    world.issuer.answer(200, key_set(jwk("k1", test_keys()) + "," + jwk("k2", test_keys(1))));

    EXPECT_EQ(world.verify(token_with_header(R"({"alg":"RS256"})")), invalid_token_code);
    EXPECT_EQ(world.verify(token_of(test_keys(), "k2", World::claims())), invalid_token_code);
    EXPECT_EQ(world.verify(token_of(test_keys(1), "k1", World::claims())), invalid_token_code);
    EXPECT_EQ(world.verify(token_of(test_keys(), "K1", World::claims())), invalid_token_code);
    EXPECT_EQ(world.verify(token_of(test_keys(1), "k2", World::claims())), "");
}

TEST(Verifier, checks_the_claims) {
    World world({"https://shop.example"});
    const auto outcome = [&](const std::string& claims) {
        return world.verify(token_of(test_keys(), "k1", claims));
    };

    EXPECT_EQ(outcome(World::claims(60, R"(,"azp":"https://shop.example")")), "");
    EXPECT_EQ(outcome(World::claims(60, R"(,"azp":"https://evil.example")")), "invalid_token");
    EXPECT_EQ(outcome(R"({"iss":"https://other.example","exp":1700000060})"), "invalid_token");
    EXPECT_EQ(outcome("[]"), "invalid_token");
}

TEST(Verifier, says_that_a_token_has_expired_also_one_it_has_seen) {
    World world;
    const std::string token = World::token(60);
    ASSERT_EQ(world.verify(token), "");

    world.clock.advance(65s - 1us);
    EXPECT_EQ(world.verify(token), "");
    world.clock.advance(1us);

    EXPECT_EQ(world.verify(token), token_expired_code);
    EXPECT_EQ(world.verify(token), token_expired_code);
}

TEST(Verifier, says_nothing_of_the_expiry_of_a_token_with_a_wrong_signature) {
    World world;

    EXPECT_EQ(world.verify(token_of(test_keys(1), "k1", World::claims(-60))), invalid_token_code);
}

// One random change, or a few.
std::string mutation(std::string text, std::mt19937_64& random) {
    for (std::uint64_t left = random() % 3 + 1; left > 0; --left) {
        const std::size_t at = random() % text.size();
        const char letter = static_cast<char>(random());
        switch (random() % 5) {
            case 0:
                text[at] = letter;
                break;
            case 1:
                text[at] = static_cast<char>(text[at] ^ (1 << (random() % 7)));
                break;
            case 2:
                text.insert(at, 1, letter);
                break;
            case 3:
                text.erase(at, random() % 3 + 1);
                break;
            default:
                std::swap(text[at], text[random() % text.size()]);
                break;
        }
        if (text.empty()) text = letter;
    }
    return text;
}

TEST(Verifier, accepts_no_mutation_of_a_token) {
    World world;
    const std::string token = World::token();
    ASSERT_EQ(world.verify(token), "");
    std::mt19937_64 random(20'261'121);

    for (int i = 0; i < 2'000; ++i) {
        const std::string changed = mutation(token, random);
        if (changed != token) {
            EXPECT_EQ(world.verify(changed), invalid_token_code) << changed;
        }
    }
    EXPECT_EQ(world.verify(token), "");
}

}  // namespace
}  // namespace souk::auth
