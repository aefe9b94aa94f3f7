#include "platform/auth/key_set.h"

#include "platform/auth/tests/fake_issuer.h"

#include <gtest/gtest.h>

#include <string>

namespace souk::auth {
namespace {

const std::string common_exponent("\x01\x00\x01", 3);

TEST(KeySet, holds_the_rsa_keys_for_signatures) {
    const std::string n = test_keys().modulus();
    const KeySet keys = read_key_set(
        key_set(jwk("plain", n, common_exponent, "") + "," + jwk("sig", n, common_exponent) + "," +
                jwk("chain", n, common_exponent, R"(,"x5c":["…"],"key_ops":["verify"])") + "," +
                jwk("small-e", n, "\x03", "")));

    ASSERT_EQ(keys.size(), 4U);
    const std::string signature = test_keys().sign("text");
    EXPECT_TRUE(keys.at("plain")->verifies("text", signature));
    EXPECT_FALSE(keys.at("plain")->verifies("other text", signature));
    EXPECT_FALSE(keys.at("small-e")->verifies("text", signature));
}

TEST(KeySet, leaves_out_what_is_not_for_us) {
    const RsaKeyPair& good = test_keys();
    const RsaKeyPair weak = RsaKeyPair::make(1024);
    const std::string n = good.modulus();
    std::string even_n = n;
    even_n.back() = static_cast<char>(even_n.back() & ~1);
    const std::string odd_ones[] = {
        jwk("k", weak),
        jwk("k", even_n, common_exponent),
        jwk("k", n, "\x01"),
        jwk("k", n, std::string(1, '\0')),
        jwk("k", n, ""),
        jwk("k", n, std::string("\x01\x00\x00", 3)),
        jwk("k", n, n),
        jwk("k", "", common_exponent),
        jwk("k", std::string(256, '\0') + std::string(128, '\xff'), common_exponent),
        jwk("k", std::string(2'049, '\xff'), common_exponent),
        jwk("k", n, common_exponent, R"(,"use":"enc")"),
        jwk("k", n, common_exponent, R"(,"use":null)"),
        jwk("k", n, common_exponent, R"(,"alg":"RSA-OAEP")"),
        R"({"kid":"k","kty":"RSA","e":"AQAB"})",
        R"({"kid":"k","kty":"RSA","n":"AQAB"})",
        R"({"kid":"k","kty":"RSA","n":1,"e":"AQAB"})",
        R"({"kid":"k","kty":"EC","n":")" + to_base64url(n) + R"(","e":"AQAB"})",
        R"({"kid":"k","n":")" + to_base64url(n) + R"(","e":"AQAB"})",
        R"({"kid":"k","kty":"RSA","n":")" + to_base64url(n) + R"(=","e":"AQAB"})",
        R"({"kid":7,"kty":"RSA","n":")" + to_base64url(n) + R"(","e":"AQAB"})",
        R"({"kty":"RSA","n":")" + to_base64url(n) + R"(","e":"AQAB"})",
        R"({"kid":"k","kty":"oct","k":"AQAB"})",
        "7",
        "null",
        "[]"};
    for (const std::string& odd : odd_ones) {
        EXPECT_EQ(read_key_set(key_set(odd)).size(), 0U) << odd;
        EXPECT_EQ(read_key_set(key_set(odd + "," + jwk("good", good))).count("good"), 1U) << odd;
    }
}

TEST(KeySet, is_empty_when_the_text_is_none) {
    for (const char* const text : {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":null})",
                                   R"({"keys":[]})", "<html></html>", "\xff\xfe"}) {
        EXPECT_TRUE(read_key_set(text).empty()) << text;
    }
}

TEST(KeySet, of_unreasonable_length_is_read_in_part) {
    const std::string n = test_keys().modulus();
    std::string members;
    for (int i = 0; i < 100; ++i)
        members += (i == 0 ? "" : ",") + jwk("k" + std::to_string(i), n, common_exponent);

    EXPECT_EQ(read_key_set(key_set(members)).size(), 64U);
}

TEST(KeySet, that_follows_another_keeps_its_keys_and_retires_the_rest) {
    const std::string both = jwk("k1", test_keys()) + "," + jwk("k2", test_keys());
    const KeySet old = read_key_set(key_set(both));
    const std::string exchanged = jwk("k1", test_keys()) + "," + jwk("k2", test_keys(1));

    const KeySet fresh = succeed(old, read_key_set(key_set(exchanged)));

    EXPECT_EQ(fresh.at("k1"), old.at("k1"));
    EXPECT_NE(fresh.at("k2"), old.at("k2"));
    EXPECT_FALSE(old.at("k1")->is_retired());
    EXPECT_TRUE(old.at("k2")->is_retired());
    EXPECT_FALSE(fresh.at("k2")->is_retired());
}

TEST(RsaKeys, sign_as_openssl_reads_them_back) {
    const RsaKeyPair again = RsaKeyPair::from_pem(test_keys().pem());

    EXPECT_EQ(again.modulus(), test_keys().modulus());
    EXPECT_EQ(again.exponent(), common_exponent);
    EXPECT_EQ(again.sign("text"), test_keys().sign("text"));
    EXPECT_THROW(RsaKeyPair::from_pem("no key"), std::runtime_error);
}

}  // namespace
}  // namespace souk::auth
