// What flash accepts, as plain decisions (spec F2, F4, F5, 7.2).
#pragma once

#include "platform/core/result.h"
#include "services/flash/types.h"

#include <cstdint>
#include <string_view>

namespace souk::flash {

inline constexpr std::int64_t quantity_max = 2'147'483'647;
inline constexpr std::size_t user_id_max = 255;  // code points
inline constexpr std::size_t key_max = 255;

// 1 to 128 bytes of visible ASCII without space and quotes.
bool is_product_id(std::string_view text);

// Absent or empty is missing; beyond 1 to 255 visible ASCII characters is invalid.
core::Result<> check_key(std::string_view key);

// At most 255 code points without control characters; not empty (the caller has said "missing").
core::Result<> check_user_id(std::string_view user_id);

// An order id or idempotency key of a path: at most 255 bytes, no control characters.
core::Result<> check_order_reference(std::string_view reference);

}  // namespace souk::flash
