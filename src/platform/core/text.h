// Text that is either a literal, kept by view, or an owned string. Refusals on the hot path carry
// literals, so they allocate nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace souk::core {

class Text {
public:
    Text() = default;

    template <std::size_t N>
    Text(const char (&literal)[N]) : literal_(literal, N - 1) {}  // NOLINT: meant to be implicit

    Text(std::string owned) : owned_(std::move(owned)) {}  // NOLINT: meant to be implicit

    std::string_view view() const { return owned_.empty() ? literal_ : std::string_view(owned_); }

private:
    std::string_view literal_;
    std::string owned_;
};

}  // namespace souk::core
