#include "platform/json/write.h"

#include <array>
#include <charconv>
#include <cmath>

namespace souk::json {
namespace {

bool is_escaped(unsigned char c) { return (c < 0x20U) | (c == '"') | (c == '\\'); }

// Looks at every character, without a way out in between, so that many are looked at in one step.
bool is_plain(std::string_view text) {
    unsigned escaped = 0;
    for (const char c : text) {
        escaped |= static_cast<unsigned>(is_escaped(static_cast<unsigned char>(c)));
    }
    return escaped == 0;
}

void write_character(unsigned char c, Output& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (!is_escaped(c)) {
                out += static_cast<char>(c);
                return;
            }
            out += "\\u00";
            out += digits[c >> 4U];
            out += digits[c & 15U];
    }
}

template <typename Number>
void write_number(Number value, Output& out) {
    std::array<char, 32> text;
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), end);
}

}  // namespace

void write(bool value, Output& out) { out += value ? "true" : "false"; }
void write(std::int64_t value, Output& out) { write_number(value, out); }

void write(double value, Output& out) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    write_number(value, out);
}

void write(std::string_view text, Output& out) {
    out += '"';
    if (is_plain(text)) {
        out.append(text);
    } else {
        for (const char c : text) write_character(static_cast<unsigned char>(c), out);
    }
    out += '"';
}

}  // namespace souk::json
