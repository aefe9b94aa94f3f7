// Who a request is from, as texts of strangers. An input is the value of an Authorization header, a
// token's payload on the next line, then an issuer's key set, and behind it the set that follows.
#include "fuzz/support/property.h"
#include "platform/auth/base64url.h"
#include "platform/auth/claims.h"
#include "platform/auth/jwt.h"
#include "platform/auth/key_set.h"
#include "platform/auth/rsa.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace souk::fuzz {
namespace {

constexpr std::size_t keys_max = 64;  // of one set
const core::Time now = core::from_ms(1'700'000'000'000);

struct OurKey {
    auth::RsaKeyPair pair = auth::RsaKeyPair::make();
    auth::RsaPublicKey key =
        auth::RsaPublicKey::from_parts(pair.modulus(), pair.exponent()).value();
    std::string signature = pair.sign("text");
};

void check_base64(std::string_view text) {
    const std::optional<std::string> bytes = auth::from_base64url(text);
    must(!bytes || auth::to_base64url(*bytes) == text, "bytes have one text only", text);
    const std::string written = auth::to_base64url(text);
    must(auth::from_base64url(written) == text, "what is written can be read", written);
}

void check_token(const OurKey& ours, std::string_view token) {
    check_base64(token);
    const core::Result<auth::Jwt> jwt = auth::read_jwt(token);
    if (!jwt) {
        must(jwt.error().code == auth::invalid_token_code, "a refusal has its code", token);
        return;
    }
    const std::string again =
        std::string(jwt->signed_text) + "." + auth::to_base64url(jwt->signature);
    must(again == token, "a token is all that is read of it", token);
    must(!ours.key.verifies(jwt->signed_text, jwt->signature), "nobody can forge a token", token);

    const std::string text = auth::unsigned_jwt(jwt->key_id, jwt->payload);
    const std::string made = text + "." + auth::to_base64url(ours.pair.sign(text));
    const core::Result<auth::Jwt> read = auth::read_jwt(made);
    if (!read) return must(made.size() > auth::token_bytes_max, "what is made can be read", made);
    must(read->key_id == jwt->key_id && read->payload == jwt->payload, "and says the same", made);
    must(ours.key.verifies(read->signed_text, read->signature), "and verifies", made);
}

void check_payload(std::string_view payload) {
    auth::IssuerOptions expected;
    expected.issuer = "https://issuer.example";
    expected.authorized_parties = {"https://shop.example"};
    const core::Result<auth::Claims> claims = auth::check_claims(payload, expected, now);
    if (!claims) {
        const std::string_view code = claims.error().code;
        must(code == auth::invalid_token_code || code == auth::token_expired_code,
             "a refusal has its code", payload);
        return;
    }
    const core::Time end = claims->expires_at + expected.clock_skew;
    must(end > now, "what is accepted has not expired", payload);
    const core::Result<auth::Claims> late = auth::check_claims(payload, expected, end);
    must(!late && late.error().code == auth::token_expired_code, "but will", payload);
    expected.issuer = "https://other.example";
    must(!auth::check_claims(payload, expected, now), "and is from this issuer", payload);
}

// As an issuer would write it.
boost::json::object to_json(const OurKey& ours) {
    return {
        {"kty", "RSA"                                   },
        {"kid", "ours"                                  },
        {"n",   auth::to_base64url(ours.pair.modulus()) },
        {"e",   auth::to_base64url(ours.pair.exponent())}
    };
}

// A good key is found among others, whatever those are.
void check_neighbours(const OurKey& ours, std::string_view json) {
    boost::system::error_code error;
    boost::json::value set = boost::json::parse({json.data(), json.size()}, error);
    if (error || !set.is_object() || auth::read_key_set(json).contains("ours")) return;
    boost::json::value& list = set.get_object()["keys"];
    if (!list.is_array()) list.emplace_array();
    if (list.get_array().size() >= keys_max) return;
    list.get_array().push_back(to_json(ours));
    const std::string written = boost::json::serialize(set);
    boost::json::parse(written, error);
    if (error) return;  // a number that is too large is written as one that cannot be read
    const auth::KeySet keys = auth::read_key_set(written);
    const auto found = keys.find("ours");
    must(found != keys.end(), "a good key is found", json);
    must(found->second->verifies("text", ours.signature), "and is the one", json);
}

void check_key_set(const OurKey& ours, std::string_view json) {
    const auth::KeySet keys = auth::read_key_set(json);
    const auth::KeySet same = auth::succeed(keys, auth::read_key_set(json));
    must(keys == same, "the same set again keeps its keys", json);
    must(keys.size() <= keys_max, "a set does not fill the memory");
    for (const auto& [id, key] : keys) {
        must(!key->is_retired() && !key->verifies("text", id), "a key is good, and its own", id);
        must(!key->verifies("text", ours.signature), "and nobody else's", id);
    }
    check_neighbours(ours, json);
}

// An issuer changes its keys.
void check_succession(std::string_view before, std::string_view after) {
    const auth::KeySet old = auth::read_key_set(before);
    const auth::KeySet keys = auth::succeed(old, auth::read_key_set(after));
    for (const auto& [id, key] : keys) must(!key->is_retired(), "who is there counts", id);
    for (const auto& [id, key] : old) {
        const auto found = keys.find(id);
        const bool has_stayed = found != keys.end() && found->second->is_same(*key);
        must(key->is_retired() != has_stayed, "who leaves retires", id);
        must(!has_stayed || found->second == key, "who stays is the same object", id);
    }
}

void run(std::string_view input) {
    const std::string_view header = take_until(input, "\n");
    const std::string_view token = auth::bearer_token(header);
    must(header.ends_with(token) && token.find_first_of(" \t\r") == std::string_view::npos,
         "a token is one word at the end", header);
    static const OurKey ours;
    check_token(ours, token);
    check_payload(take_until(input, "\n"));
    const std::string_view keys = take_until(input, "\n");
    check_key_set(ours, keys);
    check_succession(keys, input);
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
