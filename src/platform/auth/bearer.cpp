#include "platform/auth/tokens.h"

#include <algorithm>

namespace souk::auth {
namespace {

constexpr std::string_view scheme = "bearer ";

bool is_scheme(std::string_view text) {
    return std::equal(text.begin(), text.end(), scheme.begin(), scheme.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

// Blanks and control characters; bytes beyond ASCII are left to whoever reads the token.
bool ends_a_token(char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code <= ' ' || code == 0x7f;
}

}  // namespace

std::string_view bearer_token(std::string_view authorization) {
    if (!is_scheme(authorization.substr(0, scheme.size()))) return {};
    const std::size_t begin = authorization.find_first_not_of(' ', scheme.size());
    if (begin == std::string_view::npos) return {};
    const std::string_view token = authorization.substr(begin);
    return std::any_of(token.begin(), token.end(), ends_a_token) ? std::string_view() : token;
}

}  // namespace souk::auth
