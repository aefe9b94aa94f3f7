// The kinds of load. Each returns its result as one JSON object.
#pragma once

#include "options.h"

#include <string>

namespace offer {

std::string run_rate(const Options& options);
std::string run_profile(const Options& options);
std::string run_soak(const Options& options);

}  // namespace offer
