// What this floor can refuse.
#pragma once

#include "platform/auth/tokens.h"
#include "platform/core/error.h"

#include <utility>

namespace souk::auth {

inline core::Error invalid_token(core::Text why) {
    return {core::Fault::unauthorized, invalid_token_code, std::move(why)};
}

inline core::Error token_expired() {
    return {core::Fault::unauthorized, token_expired_code, "the token has expired"};
}

inline core::Error keys_unavailable() {
    return {core::Fault::unavailable, keys_unavailable_code,
            "the keys that tokens are signed with cannot be had at the moment"};
}

}  // namespace souk::auth
