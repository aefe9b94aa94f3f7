// The handlers that change something.
#pragma once

#include "services/store/http.h"

namespace souk::store {

http::Routes writing_routes(const Wiring& wiring);

}  // namespace souk::store
