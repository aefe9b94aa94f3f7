#include "platform/http/ascii.h"

namespace souk::http {

std::optional<std::size_t> percent_decode(std::string_view text, Plus plus, char* out) {
    char* at = out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_space) {
            *at++ = ' ';
            continue;
        }
        if (text[i] != '%') {
            *at++ = text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        *at++ = static_cast<char>(high * 16 + low);
        i += 2;
    }
    return static_cast<std::size_t>(at - out);
}

}  // namespace souk::http
