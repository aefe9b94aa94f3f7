// Small text helpers of HTTP: letters compared without case, percent-decoding.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace souk::http {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

constexpr bool same_letters(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    if (a == b) return true;  // most clients write them alike
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

constexpr std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
    return -1;
}

enum class Plus { stays, is_space };

// Writes the decoded bytes to `out`, which must have room for text.size(); gives how many there
// are, or nullopt when a '%' is not followed by two hex digits.
std::optional<std::size_t> percent_decode(std::string_view text, Plus plus, char* out);

}  // namespace souk::http
