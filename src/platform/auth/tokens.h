// Bearer tokens signed by an identity issuer: JWTs with RS256, checked against the issuer's JWKS
// (RFC 7515, 7517, 7519). In development, tokens of our own from a key pair in the data directory.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/result.h"
#include "platform/core/task.h"
#include "platform/net/client.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace souk::auth {

// What a verified token says. Texts the token does not have are empty.
struct Identity {
    std::string subject;
    std::string email;
    std::string name;
};

struct IssuerOptions {
    std::string issuer;                           // its `iss`; keys are at …/.well-known/jwks.json
    std::vector<std::string> authorized_parties;  // empty: `azp` is not looked at
    std::chrono::seconds clock_skew{5};
};

// The codes of a refusal: "token_expired", "invalid_token" (Fault::unauthorized), and
// "keys_unavailable" (Fault::unavailable) while no key set was ever had.
inline constexpr std::string_view token_expired_code = "token_expired";
inline constexpr std::string_view invalid_token_code = "invalid_token";
inline constexpr std::string_view keys_unavailable_code = "keys_unavailable";

class Verifier {
public:
    virtual ~Verifier() = default;
    virtual core::Task<core::Result<Identity>> verify(std::string token) = 0;
    // Fetches the keys if there are none yet; returns when that worked or failed. Nobody has to
    // call it: the first token does the same. At a start it spares that token the wait.
    virtual core::Task<> prepare() { co_return; }
    virtual bool is_up() const = 0;            // false while no keys are had
    virtual std::string describe() const = 0;  // "issuer https://…", "tokens of souk store token"
};

// The client and the clock outlive the loops on which tokens are verified.
std::unique_ptr<Verifier> issuer(IssuerOptions options, net::Client& client,
                                 const core::Clock& clock);

// Accepts what mint() makes with the key pair of this data directory, which is made when missing
// (0600).
std::unique_ptr<Verifier> local(const std::filesystem::path& data_directory,
                                const core::Clock& clock);

// A token for an hour, from the same key pair.
std::string mint(const std::filesystem::path& data_directory, const Identity& who,
                 const core::Clock& clock);

// The token of "Authorization: Bearer TOKEN": scheme in any case, one space or more, exactly one
// token; empty when it is anything else.
std::string_view bearer_token(std::string_view authorization);

}  // namespace souk::auth
