#include "platform/core/escape.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace souk::core {
namespace {

struct Point {
    char32_t value = 0;
    std::size_t bytes = 1;
    bool is_valid = false;
};

// The code point that begins at text[0]; not valid for stray, overlong and surrogate forms.
Point first_point(std::string_view text) {
    const auto byte = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};

    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    char32_t value = lead & (0xFFU >> (length + 1));
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0U) != 0x80) return {};
        value = value << 6U | (byte(at) & 0x3FU);
    }
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[length] || value > 0x10FFFF || is_surrogate) return {};
    return {value, length, true};
}

// Control characters of both sets (a terminal obeys U+009B as it does ESC [), line separators, and
// what changes the reading direction.
bool is_harmful(char32_t point) {
    return point < 0x20 || (point >= 0x7F && point <= 0x9F) ||
           (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
           point == 0x200E || point == 0x200F || point == 0xFEFF;
}

void append_hex(char32_t value, int digits, std::string& out) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
        out += "0123456789abcdef"[value >> static_cast<unsigned>(shift) & 0xFU];
    }
}

// Shared walk: harmless text is copied, `escaped(point, out)` writes the rest, and a byte that is
// not UTF-8 is written after `byte_mark`.
template <typename NeedsEscape, typename Escaped>
void walk(std::string_view text, std::string& out, std::string_view byte_mark,
          const NeedsEscape& needs_escape, const Escaped& escaped) {
    while (!text.empty()) {
        const Point point = first_point(text);
        if (!point.is_valid) {
            out += byte_mark;
            append_hex(static_cast<unsigned char>(text[0]), 2, out);
        } else if (needs_escape(point.value)) {
            escaped(point.value, out);
        } else {
            out += text.substr(0, point.bytes);
        }
        text.remove_prefix(point.bytes);
    }
}

bool escape_short(char32_t point, std::string& out) {
    switch (point) {
        case '\n':
            out += "\\n";
            return true;
        case '\r':
            out += "\\r";
            return true;
        case '\t':
            out += "\\t";
            return true;
        case '\\':
            out += "\\\\";
            return true;
        default:
            return false;
    }
}

}  // namespace

void escape_json(std::string_view text, std::string& out) {
    const auto needs_escape = [](char32_t point) {
        return point == '"' || point == '\\' || is_harmful(point);
    };
    const auto escaped = [](char32_t point, std::string& to) {
        if (escape_short(point, to)) return;
        if (point == '"') {
            to += "\\\"";
            return;
        }
        to += "\\u";
        append_hex(point, 4, to);
    };
    walk(text, out, R"(\\x)", needs_escape, escaped);
}

void escape_pretty(std::string_view text, std::string& out) {
    const auto needs_escape = [](char32_t point) { return point == '\\' || is_harmful(point); };
    const auto escaped = [](char32_t point, std::string& to) {
        if (escape_short(point, to)) return;
        to += point < 0x80 ? "\\x" : "\\u{";
        append_hex(point, point < 0x80 ? 2 : 4, to);
        if (point >= 0x80) to += '}';
    };
    walk(text, out, "\\x", needs_escape, escaped);
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const Point point = first_point(text);
        if (!point.is_valid) return false;
        text.remove_prefix(point.bytes);
    }
    return true;
}

}  // namespace souk::core
