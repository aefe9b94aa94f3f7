#include "platform/json/write.h"

#include <array>
#include <charconv>
#include <cmath>

namespace souk::json {
namespace {

void write_escaped(unsigned char c, Output& out) {
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
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20U && c != '"' && c != '\\') continue;
        out.append(text.substr(plain_from, i - plain_from));
        write_escaped(c, out);
        plain_from = i + 1;
    }
    out.append(text.substr(plain_from));
    out += '"';
}

}  // namespace souk::json
