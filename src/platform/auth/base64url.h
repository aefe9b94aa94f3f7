// Base64 with the alphabet for addresses and without padding (RFC 4648, section 5; RFC 7515).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace souk::auth {

std::string to_base64url(std::string_view bytes);

// Strict: no padding, no other characters, and the bits after the last byte are zero, so that one
// text only stands for each bytes.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace souk::auth
