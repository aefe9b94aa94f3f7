#include "platform/mail/encode.h"

#include <algorithm>
#include <cstddef>

namespace souk::mail {
namespace {

constexpr std::size_t body_line_max = 75;  // and the = of a line that goes on
constexpr std::size_t plain_max = 60;
constexpr std::size_t word_max = 52;  // with what is around it and "Subject: " it is below 76

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

// Blanks at the end of a line are lost on the way, so the last one is written as a number.
std::string body_piece(char c, bool is_last) {
    const bool is_blank = c == ' ' || c == '\t';
    if (is_blank ? !is_last : is_printable(c) && c != '=') return {c};
    std::string piece;
    append_hex(c, piece);
    return piece;
}

void append_body_line(std::string_view line, std::string& to) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const std::string piece = body_piece(line[i], i + 1 == line.size());
        if (width + piece.size() > body_line_max) {
            to += "=\r\n";
            width = 0;
        }
        to += piece;
        width += piece.size();
    }
    to += "\r\n";
}

// A word may not end within a character.
std::size_t character_size(std::string_view text) {
    std::size_t size = 1;
    while (size < text.size() && size < 4 && (static_cast<unsigned char>(text[size]) >> 6U) == 2U)
        ++size;
    return size;
}

std::string word_piece(std::string_view character) {
    static constexpr std::string_view unharmed = "!*+-/";  // RFC 2047, 5 (3)
    std::string piece;
    for (const char c : character) {
        const bool is_letter_or_digit =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (is_letter_or_digit || unharmed.find(c) != std::string_view::npos) {
            piece += c;
        } else if (c == ' ') {
            piece += '_';
        } else {
            append_hex(c, piece);
        }
    }
    return piece;
}

}  // namespace

void append_hex(char c, std::string& to) {
    static constexpr char digits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    to += '=';
    to += digits[byte >> 4U];
    to += digits[byte & 0xFU];
}

std::string quoted_printable(std::string_view text) {
    std::string lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
        append_body_line(text.substr(0, end), lines);
        text.remove_prefix(end);
        if (text.starts_with("\r\n")) text.remove_prefix(1);
        if (!text.empty()) text.remove_prefix(1);
    }
    return lines;
}

std::string encoded_words(std::string_view text) {
    std::string words = "=?utf-8?Q?";
    std::size_t width = 0;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        const std::string piece = word_piece(text.substr(0, size));
        if (width + piece.size() > word_max) {
            words += "?=\r\n =?utf-8?Q?";
            width = 0;
        }
        words += piece;
        width += piece.size();
        text.remove_prefix(size);
    }
    return words + "?=";
}

bool is_plain(std::string_view text) {
    return text.size() <= plain_max && std::all_of(text.begin(), text.end(), is_printable) &&
           text.find("=?") == std::string_view::npos && !text.starts_with(' ') &&
           !text.ends_with(' ');
}

}  // namespace souk::mail
