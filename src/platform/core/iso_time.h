// Times as people and other programs read them.
#pragma once

#include "platform/core/clock.h"

#include <string>

namespace souk::core {

// ISO 8601 in UTC with milliseconds: "2026-11-21T16:40:32.123Z".
std::string to_iso8601(Time time);

// In whole seconds: "2026-11-21T16:40:32Z".
std::string to_iso8601_seconds(Time time);

}  // namespace souk::core
