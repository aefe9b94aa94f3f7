// What a token says, once its signature is right: whether it counts here and now, and for whom.
#pragma once

#include "platform/auth/tokens.h"
#include "platform/core/clock.h"
#include "platform/core/result.h"

#include <string_view>

namespace souk::auth {

struct Claims {
    Identity identity;
    core::Time expires_at;  // without leeway
};

// The payload is JSON text. token_expired when its time is over; invalid_token for anything else.
core::Result<Claims> check_claims(std::string_view payload, const IssuerOptions& expected,
                                  core::Time now);

// An issuer is the same with and without one slash at its end.
std::string_view without_slash(std::string_view issuer);

}  // namespace souk::auth
