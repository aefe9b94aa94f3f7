#include "main/operations/access/session.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace souk::operations {
namespace {

using Digest = std::array<unsigned char, 32>;  // SHA-256

// What is sealed names its purpose: a seal made for anything else is none here.
constexpr std::string_view purpose = "souk console session until ";

Digest seal(std::string_view token, std::string_view text) {
    Digest digest{};
    unsigned size = 0;
    const auto* const made = ::HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    text.size(), digest.data(), &size);
    if (made == nullptr || size != digest.size()) throw std::runtime_error("HMAC-SHA256 failed");
    return digest;
}

std::string hex(const Digest& digest) {
    std::string text;
    for (const unsigned char byte : digest) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

std::string sealed(std::string_view token, std::int64_t until) {
    const std::string seconds = std::to_string(until);
    return seconds + "." + hex(seal(token, std::string(purpose) + seconds));
}

}  // namespace

std::string make_session(std::string_view token, core::Time expires) {
    return sealed(token, core::to_ms(expires) / 1'000);
}

bool is_session(std::string_view text, std::string_view token, core::Time now) {
    std::int64_t until = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), until);
    if (error != std::errc()) return false;
    const std::string wanted = sealed(token, until);
    if (text.size() != wanted.size()) return false;  // both lengths are known to everybody
    return CRYPTO_memcmp(text.data(), wanted.data(), wanted.size()) == 0 &&
           core::to_ms(now) / 1'000 < until;
}

bool same_secret(std::string_view a, std::string_view b) {
    const Digest first = seal("", a);
    const Digest second = seal("", b);
    return CRYPTO_memcmp(first.data(), second.data(), first.size()) == 0;
}

}  // namespace souk::operations
