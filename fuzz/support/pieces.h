// The same bytes in one piece and in many: the answers must be the same.
#pragma once

#include "fuzz/support/answers.h"

#include <cstddef>
#include <string_view>

namespace souk::fuzz {

inline constexpr std::size_t all_at_once = 1U << 20U;

// How long the pieces of an input are: few bytes, always as many for the same input.
std::size_t piece_bytes(std::string_view bytes);

// Ends the program when the answers to `bytes` in one piece and in many are not alike.
void check_alike(std::string_view bytes, std::string_view whole, std::string_view in_pieces,
                 const Contract& contract);

}  // namespace souk::fuzz
