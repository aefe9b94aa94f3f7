// The session of a browser: a cookie that says until when it is good, sealed with the admin token.
// Nothing is kept, so a changed token ends every session, and nothing else does before its time.
#pragma once

#include "platform/core/clock.h"

#include <chrono>
#include <string>
#include <string_view>

namespace souk::operations {

inline constexpr std::string_view session_cookie = "souk_session";
inline constexpr std::chrono::hours session_life{12};

// "UNIXSECONDS.HMAC", with HMAC-SHA256 in hex.
std::string make_session(std::string_view token, core::Time expires);

bool is_session(std::string_view text, std::string_view token, core::Time now);

// Compares in constant time whatever the two lengths are.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace souk::operations
