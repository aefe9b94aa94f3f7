#include "platform/auth/verifier.h"

#include "platform/auth/jwt.h"
#include "platform/auth/refusals.h"

#include <boost/asio/this_coro.hpp>

#include <optional>
#include <utility>

namespace souk::auth {

KeyedVerifier::KeyedVerifier(Parts parts, const core::Clock& clock)
    : parts_(std::move(parts)), clock_(clock) {}

core::Task<core::Result<Identity>> KeyedVerifier::verify(std::string token) {
    if (token.size() > token_bytes_max) co_return invalid_token("the token is too long");
    const TokenHash hash = hash_of(token);
    const core::Executor loop = co_await boost::asio::this_coro::executor;
    if (parts_.keys->has_keys(loop)) {
        const core::Time still_valid_at = clock_.now() - parts_.expected.clock_skew;
        std::optional<Identity> known = verified_.find(hash, still_valid_at);
        if (known) co_return std::move(*known);
    }
    co_return co_await verify_signature(std::move(token), hash);
}

core::Task<core::Result<Identity>> KeyedVerifier::verify_signature(std::string token,
                                                                   TokenHash hash) {
    const core::Result<Jwt> jwt = read_jwt(token);
    if (!jwt) co_return jwt.error();
    core::Result<SigningKeyPtr> key = co_await parts_.keys->find(jwt->key_id);
    if (!key) co_return key.error();
    if (!(*key)->verifies(jwt->signed_text, jwt->signature))
        co_return invalid_token("the token's signature is wrong");

    const core::Time now = clock_.now();
    core::Result<Claims> claims = check_claims(jwt->payload, parts_.expected, now);
    if (!claims) co_return claims.error();
    Identity identity = claims->identity;
    verified_.keep(hash, std::move(*claims), std::move(*key), now - parts_.expected.clock_skew);
    co_return identity;
}

}  // namespace souk::auth
