// Writes described structs as JSON text, fields in the order of the description.
#pragma once

#include "platform/json/shape.h"

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::json {

using Output = std::pmr::string;

void write(bool value, Output& out);
void write(std::int64_t value, Output& out);
void write(double value,
           Output& out);  // shortest text that reads back the same; null when not finite
void write(std::string_view text, Output& out);
inline void write(const std::string& text, Output& out) { write(std::string_view(text), out); }

template <typename T>
void write(const std::optional<T>& value, Output& out);
template <typename T>
void write(const std::vector<T>& list, Output& out);

template <Shaped T>
void write(const T& value, Output& out) {
    char before = '{';
    for_each_field<T>([&](const auto& field) {
        out += before;
        before = ',';
        write(field.name, out);
        out += ':';
        write(value.*field.member, out);
    });
    out += '}';
}

template <typename T>
void write(const std::optional<T>& value, Output& out) {
    if (value) return write(*value, out);
    out += "null";
}

template <typename T>
void write(const std::vector<T>& list, Output& out) {
    char before = '[';
    for (const T& element : list) {
        out += before;
        before = ',';
        write(element, out);
    }
    out += list.empty() ? "[]" : "]";
}

// The text of `value`, in `memory` (which is never given back to: meant for a request's memory).
template <Shaped T>
std::string_view to_text(const T& value, std::pmr::memory_resource& memory) {
    Output out(&memory);
    out.reserve(256);
    write(value, out);
    char* const kept = static_cast<char*>(memory.allocate(out.size() + 1, 1));
    out.copy(kept, out.size());
    return {kept, out.size()};
}

}  // namespace souk::json
