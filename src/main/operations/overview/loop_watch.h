// How late an event loop is: souk_loop_lag_seconds, and a line when nothing ran on it for long.
#pragma once

#include "platform/core/loop.h"
#include "platform/metrics/registry.h"

#include <string>

namespace souk {

// From now on, as long as the loop lives; the registry must outlive the loop.
void watch_loop(core::Loop& loop, const std::string& name, metrics::Registry& metrics);

}  // namespace souk
