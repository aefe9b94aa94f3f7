#include "platform/auth/rsa.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <utility>

namespace souk::auth {
namespace {

constexpr int modulus_bits_min = 2048;
constexpr int modulus_bits_max = OPENSSL_RSA_MAX_MODULUS_BITS;
constexpr int exponent_bits_max = OPENSSL_RSA_MAX_PUBEXP_BITS;
constexpr unsigned long exponent_min = 3;

struct Free {
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(BIO* text) const { BIO_free(text); }
    void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
    void operator()(EVP_PKEY_CTX* keys) const { EVP_PKEY_CTX_free(keys); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
template <typename T>
using Handle = std::unique_ptr<T, Free>;

// What OpenSSL notes on this thread about a failure would be taken for somebody else's.
[[noreturn]] void fail(const char* what) {
    ERR_clear_error();
    throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// Null when it has more bytes than any number of a key.
Handle<BIGNUM> number_of(std::string_view bytes) {
    if (bytes.size() > modulus_bits_max / 8) return nullptr;
    return Handle<BIGNUM>(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

bool is_trustworthy(const BIGNUM* modulus, const BIGNUM* exponent) {
    const int bits = BN_num_bits(modulus);
    if (bits < modulus_bits_min || bits > modulus_bits_max) return false;
    if (BN_num_bits(exponent) > exponent_bits_max) return false;
    const bool is_large_enough = BN_get_word(exponent) >= exponent_min;
    return BN_is_odd(modulus) == 1 && BN_is_odd(exponent) == 1 && is_large_enough;
}

// Null when OpenSSL does not take them.
RsaHandle make_key(const BIGNUM* modulus, const BIGNUM* exponent) {
    const Handle<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
        return nullptr;
    const Handle<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const Handle<EVP_PKEY_CTX> keys(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
    EVP_PKEY* made = nullptr;
    if (parameters && keys && EVP_PKEY_fromdata_init(keys.get()) == 1)
        EVP_PKEY_fromdata(keys.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get());
    return RsaHandle(made);
}

std::string number_in(EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) fail("read a number of an RSA key");
    const Handle<BIGNUM> owned(number);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
    BN_bn2bin(number, reinterpret_cast<unsigned char*>(bytes.data()));
    return bytes;
}

}  // namespace

std::optional<RsaPublicKey> RsaPublicKey::from_parts(std::string_view modulus,
                                                     std::string_view exponent) {
    const Handle<BIGNUM> n = number_of(modulus);
    const Handle<BIGNUM> e = number_of(exponent);
    if (!n || !e || !is_trustworthy(n.get(), e.get())) return std::nullopt;
    RsaHandle key = make_key(n.get(), e.get());
    if (key) return RsaPublicKey(std::move(key));
    ERR_clear_error();
    return std::nullopt;
}

bool RsaPublicKey::verifies(std::string_view message, std::string_view signature) const {
    const Handle<EVP_MD_CTX> digest(EVP_MD_CTX_new());
    const bool is_right = digest &&
                          EVP_DigestVerifyInit_ex(digest.get(), nullptr, "SHA256", nullptr, nullptr,
                                                  key_.get(), nullptr) == 1 &&
                          EVP_DigestVerify(digest.get(), bytes_of(signature), signature.size(),
                                           bytes_of(message), message.size()) == 1;
    if (!is_right) ERR_clear_error();
    return is_right;
}

bool RsaPublicKey::operator==(const RsaPublicKey& other) const {
    return EVP_PKEY_eq(key_.get(), other.key_.get()) == 1;
}

RsaKeyPair RsaKeyPair::make(unsigned bits) {
    RsaHandle key(EVP_RSA_gen(bits));
    if (!key) fail("make an RSA key pair");
    return RsaKeyPair(std::move(key));
}

RsaKeyPair RsaKeyPair::from_pem(const std::string& pem) {
    const Handle<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // An empty pass phrase, so that OpenSSL never asks for one on the terminal.
    char no_phrase[] = "";
    RsaHandle key(text ? PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, no_phrase)
                       : nullptr);
    if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1) fail("read an RSA key pair in this text");
    return RsaKeyPair(std::move(key));
}

std::string RsaKeyPair::pem() const {
    const Handle<BIO> text(BIO_new(BIO_s_mem()));
    if (!text || PEM_write_bio_PrivateKey(text.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                          nullptr) != 1)
        fail("write an RSA key pair");
    char* written = nullptr;
    const long size = BIO_get_mem_data(text.get(), &written);
    return {written, static_cast<std::size_t>(size)};
}

std::string RsaKeyPair::sign(std::string_view message) const {
    const Handle<EVP_MD_CTX> digest(EVP_MD_CTX_new());
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
    std::size_t size = signature.size();
    auto* const into = reinterpret_cast<unsigned char*>(signature.data());
    if (!digest ||
        EVP_DigestSignInit_ex(digest.get(), nullptr, "SHA256", nullptr, nullptr, key_.get(),
                              nullptr) != 1 ||
        EVP_DigestSign(digest.get(), into, &size, bytes_of(message), message.size()) != 1)
        fail("sign with an RSA key");
    signature.resize(size);
    return signature;
}

std::string RsaKeyPair::modulus() const { return number_in(key_.get(), OSSL_PKEY_PARAM_RSA_N); }

std::string RsaKeyPair::exponent() const { return number_in(key_.get(), OSSL_PKEY_PARAM_RSA_E); }

}  // namespace souk::auth
