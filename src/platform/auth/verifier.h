// Checks tokens with the keys of a source, the same for tokens of an issuer and of our own.
#pragma once

#include "platform/auth/key_source.h"
#include "platform/auth/tokens.h"
#include "platform/auth/verified_tokens.h"

#include <memory>
#include <string>

namespace souk::auth {

class KeyedVerifier final : public Verifier {
public:
    struct Parts {
        std::shared_ptr<KeySource> keys;
        IssuerOptions expected;
        std::string description;
    };

    KeyedVerifier(Parts parts, const core::Clock& clock);

    core::Task<core::Result<Identity>> verify(std::string token) override;
    core::Task<> prepare() override { return parts_.keys->prepare(); }
    bool is_up() const override { return parts_.keys->is_up(); }
    std::string describe() const override { return parts_.description; }

private:
    core::Task<core::Result<Identity>> verify_signature(std::string token, TokenHash hash);

    const Parts parts_;
    const core::Clock& clock_;
    VerifiedTokens verified_;
};

}  // namespace souk::auth
