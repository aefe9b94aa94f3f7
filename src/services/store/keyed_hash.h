// HMACs as lower-case hexadecimal text.
#pragma once

#include <string>
#include <string_view>

namespace souk::store {

std::string hmac_sha1(std::string_view key, std::string_view text);    // 40 characters
std::string hmac_sha256(std::string_view key, std::string_view text);  // 64 characters

}  // namespace souk::store
