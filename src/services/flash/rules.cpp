#include "services/flash/rules.h"

#include "platform/core/escape.h"
#include "services/flash/errors.h"

#include <algorithm>

namespace souk::flash {
namespace {

bool is_visible(char c) { return c > 0x20 && c < 0x7F; }
bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }
bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

// U+0080 to U+009F, which UTF-8 writes as C2 80 to C2 9F.
bool has_c1_control(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0U) return true;
    }
    return false;
}

}  // namespace

std::string_view name(OrderState state) {
    switch (state) {
        case OrderState::pending:
            return "pending";
        case OrderState::confirmed:
            return "confirmed";
        case OrderState::cancelled:
            return "cancelled";
        case OrderState::failed:
            return "failed";
    }
    return "failed";
}

bool is_product_id(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return is_visible(c) && !is_quote(c);
    });
}

core::Result<> check_key(std::string_view key) {
    if (key.empty()) return missing_key();
    if (key.size() > key_max || !std::all_of(key.begin(), key.end(), is_visible))
        return invalid_key();
    return {};
}

core::Result<> check_user_id(std::string_view user_id) {
    const auto length = std::count_if(user_id.begin(), user_id.end(), starts_code_point);
    if (static_cast<std::size_t>(length) > user_id_max) return invalid_user();
    if (std::any_of(user_id.begin(), user_id.end(), is_control)) return invalid_user();
    if (has_c1_control(user_id)) return invalid_user();
    return {};
}

core::Result<> check_order_reference(std::string_view reference) {
    if (reference.empty() || reference.size() > key_max) return invalid_order_id();
    if (std::any_of(reference.begin(), reference.end(), is_control)) return invalid_order_id();
    if (!core::is_utf8(reference)) return invalid_order_id();  // PostgreSQL fails on it
    return {};
}

}  // namespace souk::flash
