#include "services/store/keyed_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

namespace souk::store {
namespace {

std::string hmac(const EVP_MD* hash, std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
    unsigned int size = 0;
    const unsigned char* const made = ::HMAC(hash, key.data(), static_cast<int>(key.size()),
                                             reinterpret_cast<const unsigned char*>(text.data()),
                                             text.size(), bytes.data(), &size);
    if (made == nullptr) throw std::runtime_error("OpenSSL could not compute an HMAC");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned int i = 0; i < size; ++i) {
        hex += digits[bytes[i] >> 4U];
        hex += digits[bytes[i] & 15U];
    }
    return hex;
}

}  // namespace

std::string hmac_sha1(std::string_view key, std::string_view text) {
    return hmac(::EVP_sha1(), key, text);
}

std::string hmac_sha256(std::string_view key, std::string_view text) {
    return hmac(::EVP_sha256(), key, text);
}

}  // namespace souk::store
