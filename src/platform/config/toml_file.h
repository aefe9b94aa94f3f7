// souk.toml as a flat list of settings, each with its place.
#pragma once

#include "platform/config/setting.h"

#include <string>
#include <string_view>
#include <vector>

namespace souk::config {

struct TomlValue {
    enum class Type { whole_number, text, flag, words, other };
    std::string name;  // "flash.rate_limit_rps"; without a dot when it stands outside a section
    Type type = Type::other;
    std::string text;
    std::string place;  // "souk.toml:3:16"
};

struct TomlFile {
    std::vector<TomlValue> values;
    std::vector<std::string> mistakes;  // what the parser could not read

    const TomlValue* find(std::string_view name) const;  // null when it is not there
};

TomlFile read_toml(const std::string& text, const std::string& path);

// What is wrong with the type, "must be …"; empty when the row takes it.
std::string type_fault(const Setting& row, const TomlValue& value);

}  // namespace souk::config
