// The server's settings rows.
#pragma once

#include "platform/config/setting.h"
#include "platform/http/server.h"

namespace souk::http {

config::Settings settings(ServerLimits& into);

}  // namespace souk::http
