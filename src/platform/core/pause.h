// A pause of the awaiting coroutine, not of its loop.
#pragma once

#include "platform/core/task.h"

#include <chrono>

namespace souk::core {

Task<> pause(std::chrono::milliseconds length);

}  // namespace souk::core
