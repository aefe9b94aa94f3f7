// Tokens of our own, for development: issued and verified with a key pair in the data directory.
#include "platform/auth/base64url.h"
#include "platform/auth/jwt.h"
#include "platform/auth/refusals.h"
#include "platform/auth/verifier.h"
#include "platform/config/secrets.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <utility>

namespace souk::auth {
namespace {

constexpr std::string_view local_issuer = "souk:local";
constexpr std::string_view key_file = "AUTH_LOCAL_KEY";
constexpr std::chrono::seconds life{3'600};

RsaKeyPair kept_keys(const std::filesystem::path& data_directory) {
    const std::string pem = config::kept_secret(data_directory, std::string(key_file),
                                                [] { return RsaKeyPair::make().pem(); });
    try {
        return RsaKeyPair::from_pem(pem);
    } catch (const std::runtime_error& failure) {
        const std::filesystem::path file = data_directory / "secrets" / key_file;
        throw std::runtime_error(file.string() + ": " + failure.what() +
                                 "; remove the file to get a new one");
    }
}

// The thumbprint of RFC 7638: the same key always has the same id.
std::string key_id_of(const RsaKeyPair& keys) {
    const std::string members = R"({"e":")" + to_base64url(keys.exponent()) +
                                R"(","kty":"RSA","n":")" + to_base64url(keys.modulus()) + R"("})";
    const TokenHash hash = hash_of(members);
    return to_base64url({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// One key, which is always there.
class LocalKeys final : public KeySource {
public:
    LocalKeys(std::string key_id, SigningKeyPtr key)
        : key_id_(std::move(key_id)), key_(std::move(key)) {}

    bool has_keys(const core::Executor&) override { return true; }
    core::Task<core::Result<SigningKeyPtr>> find(std::string key_id) override {
        if (key_id != key_id_)
            co_return invalid_token("the token is not signed with the key of this data directory");
        co_return key_;
    }
    core::Task<> prepare() override { co_return; }
    bool is_up() const override { return true; }

private:
    const std::string key_id_;
    const SigningKeyPtr key_;
};

boost::json::string_view view(const std::string& text) { return {text.data(), text.size()}; }

}  // namespace

std::unique_ptr<Verifier> local(const std::filesystem::path& data_directory,
                                const core::Clock& clock) {
    const RsaKeyPair pair = kept_keys(data_directory);
    std::optional<RsaPublicKey> key = RsaPublicKey::from_parts(pair.modulus(), pair.exponent());
    if (!key) throw std::runtime_error("the key pair in the data directory is too weak");
    auto keys =
        std::make_shared<LocalKeys>(key_id_of(pair), std::make_shared<SigningKey>(std::move(*key)));
    IssuerOptions expected;
    expected.issuer = local_issuer;
    return std::make_unique<KeyedVerifier>(
        KeyedVerifier::Parts{std::move(keys), std::move(expected), "tokens of souk store token"},
        clock);
}

std::string mint(const std::filesystem::path& data_directory, const Identity& who,
                 const core::Clock& clock) {
    const RsaKeyPair pair = kept_keys(data_directory);
    const core::Time now = clock.now();
    const auto seconds = [](core::Time time) { return core::to_ms(time) / 1'000; };
    boost::json::object claims = {
        {"iss", boost::json::string_view(local_issuer.data(), local_issuer.size())},
        {"iat", seconds(now)},
        {"exp", seconds(now + life)}
    };
    if (!who.subject.empty()) claims["sub"] = view(who.subject);
    if (!who.email.empty()) claims["email"] = view(who.email);
    if (!who.name.empty()) claims["name"] = view(who.name);
    const std::string signed_text = unsigned_jwt(key_id_of(pair), boost::json::serialize(claims));
    return signed_text + "." + to_base64url(pair.sign(signed_text));
}

}  // namespace souk::auth
