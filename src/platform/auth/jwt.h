// A token's three parts (RFC 7515 and 7519), of which only the header is looked at here.
#pragma once

#include "platform/core/result.h"

#include <string>
#include <string_view>

namespace souk::auth {

inline constexpr std::size_t token_bytes_max = 8 * 1024;

struct Jwt {
    std::string key_id;
    std::string_view signed_text;  // header and payload as received: a view into the token
    std::string payload;           // not looked at: nothing of it is true before the signature is
    std::string signature;
};

// invalid_token unless it is base64url throughout and the header says RS256 and a key.
core::Result<Jwt> read_jwt(std::string_view token);

// Header and payload of a token that is to be signed.
std::string unsigned_jwt(std::string_view key_id, std::string_view payload);

}  // namespace souk::auth
