#include "platform/auth/issuer_keys.h"
#include "platform/auth/verifier.h"

#include <utility>

namespace souk::auth {

std::unique_ptr<Verifier> issuer(IssuerOptions options, net::Client& client,
                                 const core::Clock& clock) {
    const auto fetch = [&client](net::Call call) { return client.send(std::move(call)); };
    auto keys = std::make_shared<IssuerKeys>(options.issuer, fetch, clock);
    std::string description = "issuer " + options.issuer;
    return std::make_unique<KeyedVerifier>(
        KeyedVerifier::Parts{std::move(keys), std::move(options), std::move(description)}, clock);
}

}  // namespace souk::auth
