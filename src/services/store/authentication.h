// Who calls: the Bearer token of a request, verified.
#pragma once

#include "platform/auth/tokens.h"
#include "platform/core/result.h"
#include "platform/core/task.h"
#include "platform/http/route.h"

namespace souk::store {

// Fills request.caller. Where a token is optional, one that is no good is as good as none.
core::Task<core::Result<>> authenticate(auth::Verifier& verifier, http::Request& request,
                                        http::Auth wanted);

}  // namespace souk::store
