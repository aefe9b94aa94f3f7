#include "platform/net/tests/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace souk::net {
namespace {

constexpr long day_seconds = 86'400;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Paper = std::unique_ptr<X509, decltype(&X509_free)>;

void add_extension(X509& paper, int kind, const char* value) {
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, kind, value), &X509_EXTENSION_free);
    if (!extension || X509_add_ext(&paper, extension.get(), -1) != 1)
        throw std::runtime_error("no extension");
}

Paper make_paper(EVP_PKEY* key) {
    Paper paper(X509_new(), &X509_free);
    X509_set_version(paper.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(paper.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(paper.get()), -day_seconds);
    X509_gmtime_adj(X509_getm_notAfter(paper.get()), day_seconds);
    X509_set_pubkey(paper.get(), key);
    X509_NAME* const name = X509_get_subject_name(paper.get());
    const auto* const text = reinterpret_cast<const unsigned char*>("a test");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(paper.get(), name);
    add_extension(*paper, NID_subject_alt_name, "IP:127.0.0.1");
    add_extension(*paper, NID_basic_constraints, "critical,CA:TRUE");
    if (X509_sign(paper.get(), key, EVP_sha256()) == 0) throw std::runtime_error("no signature");
    return paper;
}

std::filesystem::path write_file(X509* paper) {
    std::string name = (std::filesystem::temp_directory_path() / "souk-XXXXXX").string();
    const int file = ::mkstemp(name.data());
    if (file < 0) throw std::runtime_error("no temporary file");
    const std::unique_ptr<FILE, decltype(&::fclose)> stream(::fdopen(file, "w"), &::fclose);
    if (PEM_write_X509(stream.get(), paper) != 1) throw std::runtime_error("no certificate");
    return name;
}

}  // namespace

Certificate::Certificate() {
    const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const Paper paper = make_paper(key.get());
    SSL_CTX_use_certificate(server_.native_handle(), paper.get());
    SSL_CTX_use_PrivateKey(server_.native_handle(), key.get());
    file_ = write_file(paper.get());
}

Certificate::~Certificate() { std::filesystem::remove(file_); }

}  // namespace souk::net
