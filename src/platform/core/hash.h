// A hash that stays the same for ever, so that it can stand in a table: XXH3, 64 bits, no seed.
#pragma once

#include <cstdint>
#include <string_view>

namespace souk::core {

std::int64_t stable_hash(std::string_view text);

}  // namespace souk::core
