// Strong<Tag>: a text that cannot be mixed up with another kind of text.
#pragma once

#include <compare>
#include <string>

namespace souk::core {

template <typename Tag>
struct Strong {
    std::string value;
    auto operator<=>(const Strong&) const = default;
};

}  // namespace souk::core
