// What the fuzz targets share: stating a property that has to hold, and taking an input apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace souk::fuzz {

// A property that does not hold ends the program as a crash does, and libFuzzer keeps the input.
inline void must(bool holds, std::string_view property, std::string_view saw = {}) {
    if (holds) return;
    std::fprintf(stderr, "\nPROPERTY BROKEN: %.*s\nsaw: %.*s\n", static_cast<int>(property.size()),
                 property.data(), static_cast<int>(saw.size()), saw.data());
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// Takes the text up to the next `mark`, and the mark, off the front.
inline std::string_view take_until(std::string_view& text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + mark.size());
    return taken;
}

inline std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) lines.push_back(take_until(text, "\n"));
    return lines;
}

}  // namespace souk::fuzz
