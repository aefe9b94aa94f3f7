// "Did you mean …": the known name that is closest to a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace souk::config {

// Empty when nothing is close enough to be what was meant.
std::string nearest(std::string_view mistyped, const std::vector<std::string>& known);

}  // namespace souk::config
