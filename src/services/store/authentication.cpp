#include "services/store/authentication.h"

#include "services/store/errors.h"

#include <string>
#include <utility>

namespace souk::store {
namespace {

core::Error refusal_of(const core::Error& said) {
    if (said.code == auth::token_expired_code) return token_expired();
    if (said.code == auth::keys_unavailable_code) return keys_unavailable();
    return invalid_token();
}

}  // namespace

core::Task<core::Result<>> authenticate(auth::Verifier& verifier, http::Request& request,
                                        http::Auth wanted) {
    const bool is_optional = wanted == http::Auth::optional;
    const std::string_view token = auth::bearer_token(request.header("authorization").value_or(""));
    if (token.empty() && is_optional) co_return core::Result<>();
    if (token.empty()) co_return unauthorized();

    core::Result<auth::Identity> known = co_await verifier.verify(std::string(token));
    if (!known && is_optional) co_return core::Result<>();
    if (!known) co_return refusal_of(known.error());
    request.caller = {.id = std::move(known->subject),
                      .email = std::move(known->email),
                      .name = std::move(known->name)};
    co_return core::Result<>();
}

}  // namespace souk::store
