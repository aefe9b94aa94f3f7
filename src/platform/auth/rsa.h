// RSA keys for RS256: RSASSA-PKCS1-v1_5 with SHA-256, by OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace souk::auth {

struct FreeRsaKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using RsaHandle = std::unique_ptr<EVP_PKEY, FreeRsaKey>;

class RsaPublicKey {
public:
    // Both numbers as big-endian bytes. Nothing for a key that cannot be trusted: of fewer than
    // 2048 bits (or more than OpenSSL takes), with an even number, or with an exponent below three.
    static std::optional<RsaPublicKey> from_parts(std::string_view modulus,
                                                  std::string_view exponent);

    bool verifies(std::string_view message, std::string_view signature) const;
    bool operator==(const RsaPublicKey& other) const;

private:
    explicit RsaPublicKey(RsaHandle key) : key_(std::move(key)) {}
    RsaHandle key_;
};

// For tokens of our own.
class RsaKeyPair {
public:
    static RsaKeyPair make(unsigned bits = 2048);
    // Throws std::runtime_error when it is not the text of an RSA key pair.
    static RsaKeyPair from_pem(const std::string& pem);

    std::string pem() const;
    std::string sign(std::string_view message) const;
    std::string modulus() const;
    std::string exponent() const;

private:
    explicit RsaKeyPair(RsaHandle key) : key_(std::move(key)) {}
    RsaHandle key_;
};

}  // namespace souk::auth
