// The handlers that only read.
#pragma once

#include "services/store/http.h"

namespace souk::store {

http::Routes reading_routes(const Wiring& wiring);

}  // namespace souk::store
