// The JSON Schema (as OpenAPI 3.1 uses it) of a described struct.
#pragma once

#include "platform/json/shape.h"
#include "platform/json/write.h"

#include <optional>
#include <string>
#include <vector>

namespace souk::json {
namespace detail {

void schema_text(std::string_view type, const Rules& rules,
                 Output& out);  // {"type":"string","minLength":1

template <std::same_as<bool> T>
void schema(const Rules& rules, Output& out) {
    schema_text("boolean", rules, out);
}
template <std::same_as<std::int64_t> T>
void schema(const Rules& rules, Output& out) {
    schema_text("integer", rules, out);
}
template <std::same_as<double> T>
void schema(const Rules& rules, Output& out) {
    schema_text("number", rules, out);
}
template <typename T>
    requires std::same_as<T, std::string> || std::same_as<T, std::string_view>
void schema(const Rules& rules, Output& out) {
    schema_text("string", rules, out);
}

template <typename T>
inline constexpr bool is_list = false;
template <typename T>
inline constexpr bool is_list<std::vector<T>> = true;
template <typename T>
inline constexpr bool is_maybe = false;
template <typename T>
inline constexpr bool is_maybe<std::optional<T>> = true;

template <Shaped T>
void schema(const Rules& rules, Output& out);

template <typename T>
    requires is_maybe<T>
void schema(const Rules& rules, Output& out) {
    out += "{\"anyOf\":[";
    schema<typename T::value_type>(rules, out);
    out += "},{\"type\":\"null\"}]";
}

template <typename T>
    requires is_list<T>
void schema(const Rules& rules, Output& out) {
    schema_text("array", rules, out);
    out += ",\"items\":";
    schema<typename T::value_type>(Rules{}, out);
    out += '}';
}

// Each of these leaves the closing brace to the caller, who may add to the object.
template <Shaped T>
void schema(const Rules&, Output& out) {
    out += "{\"type\":\"object\",\"title\":";
    write(shape<T>.name, out);
    out += ",\"properties\":{";
    bool first = true;
    Output required(out.get_allocator());
    for_each_field<T>([&]<typename Owner, typename Member>(const Field<Owner, Member>& field) {
        if (!first) out += ',';
        first = false;
        write(field.name, out);
        out += ':';
        schema<Member>(field.rules, out);
        if (!field.help.empty()) {
            out += ",\"description\":";
            write(field.help, out);
        }
        out += '}';
        if (!field.rules.required || is_maybe<Member>) return;
        if (!required.empty()) required += ',';
        write(field.name, required);
    });
    out += '}';
    if (!required.empty()) out += ",\"required\":[" + required + "]";
}

}  // namespace detail

template <Shaped T>
std::string schema() {
    Output out;
    detail::schema<T>(Rules{}, out);
    out += '}';
    return std::string(out);
}

}  // namespace souk::json
