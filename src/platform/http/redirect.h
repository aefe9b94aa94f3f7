// Paths with one slash too many at their end.
#pragma once

#include "platform/http/router.h"

#include <optional>

namespace souk::http {

// 307 to the same address without the slash, if the room redirects and that path is known.
std::optional<Response> slash_redirect(const Router& router, const Room& room,
                                       const Request& request);

}  // namespace souk::http
