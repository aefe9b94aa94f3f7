// Text of any kind as the ASCII lines that mail is made of.
#pragma once

#include <string>
#include <string_view>

namespace souk::mail {

// A body (RFC 2045, 6.7): lines of at most 76 characters, each with CRLF, the last one too.
std::string quoted_printable(std::string_view text);

// A part of a header (RFC 2047), folded so that it fits behind a short header's name.
std::string encoded_words(std::string_view text);

// =XX
void append_hex(char c, std::string& to);

// Whether a header can hold it as it is, on the line of its name.
bool is_plain(std::string_view text);

}  // namespace souk::mail
