// /login and /logout: a form that works without script, and the cookie it leads to.
#pragma once

#include "main/operations/access/access.h"
#include "platform/core/random.h"
#include "platform/http/route.h"

namespace souk::operations {

struct SignInPage {
    Access& access;
    core::Random& random;
};

// `page` must outlive the routes.
http::Routes sign_in_routes(const SignInPage& page);

}  // namespace souk::operations
