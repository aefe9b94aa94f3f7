// What an input cannot know or would always get wrong, by words that stand for it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace souk::fuzz {

struct Marker {
    std::string_view word;  // "<ann>"
    std::string text;       // a token
};

// The input with each word replaced by its text. A request may end with "<end>", and "<length>" in
// its head stands for the length of its body, so that bodies can be varied freely.
std::string filled(std::string_view input, std::span<const Marker> markers);

}  // namespace souk::fuzz
