// The effective settings, with where each came from; secrets come masked.
#pragma once

#include "platform/config/load.h"
#include "platform/http/route.h"

#include <string>
#include <vector>

namespace souk::operations {

// They do not change while the program runs.
http::Route settings_route(const std::vector<config::Effective>& values);

}  // namespace souk::operations
