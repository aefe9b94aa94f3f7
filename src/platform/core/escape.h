// Foreign text made safe for a log line or a terminal: no control characters, no invalid UTF-8, no
// characters that turn the reading direction or break lines.
#pragma once

#include <string>
#include <string_view>

namespace souk::core {

// Inside JSON quotes: \n, ", \\ and \u00XX; a byte that is not UTF-8 becomes the text \xNN.
void escape_json(std::string_view text, std::string& out);

// For people: \n, \t, \\, \xNN for bytes, \u{NNNN} for code points.
void escape_pretty(std::string_view text, std::string& out);

// Whether it is UTF-8 all through: no stray bytes, overlong forms or surrogates.
bool is_utf8(std::string_view text);

}  // namespace souk::core
