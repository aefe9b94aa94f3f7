#include "platform/config/toml_file.h"

#include <toml++/toml.h>

#include <sstream>
#include <utility>

namespace souk::config {
namespace {

std::string place_text(const std::string& path, const toml::source_region& region) {
    return path + ":" + std::to_string(region.begin.line) + ":" +
           std::to_string(region.begin.column);
}

// A list of texts, joined by commas; false when it holds anything else.
bool join_words(const toml::array& array, std::string& joined) {
    for (const toml::node& element : array) {
        const auto* word = element.as_string();
        if (word == nullptr || word->get().find(',') != std::string::npos) return false;
        if (!joined.empty()) joined += ',';
        joined += word->get();
    }
    return true;
}

TomlValue read_value(std::string name, const toml::node& node, const std::string& path) {
    TomlValue value;
    value.name = std::move(name);
    value.place = place_text(path, node.source());
    if (const auto* number = node.as_integer()) {
        value.type = TomlValue::Type::whole_number;
        value.text = std::to_string(number->get());
    } else if (const auto* text = node.as_string()) {
        value.type = TomlValue::Type::text;
        value.text = text->get();
    } else if (const auto* truth = node.as_boolean()) {
        value.type = TomlValue::Type::flag;
        value.text = truth->get() ? "true" : "false";
    } else if (const auto* array = node.as_array();
               array != nullptr && join_words(*array, value.text)) {
        value.type = TomlValue::Type::words;
    }
    return value;
}

}  // namespace

const TomlValue* TomlFile::find(std::string_view name) const {
    for (const TomlValue& value : values) {
        if (value.name == name) return &value;
    }
    return nullptr;
}

TomlFile read_toml(const std::string& text, const std::string& path) {
    TomlFile file;
    try {
        const toml::table root = toml::parse(text, path);
        for (const auto& [section, content] : root) {
            const toml::table* const table = content.as_table();
            if (table == nullptr) {
                file.values.push_back(read_value(std::string(section.str()), content, path));
                continue;
            }
            for (const auto& [key, node] : *table) {
                std::string name = std::string(section.str()) + "." + std::string(key.str());
                file.values.push_back(read_value(std::move(name), node, path));
            }
        }
    } catch (const toml::parse_error& error) {
        file.mistakes.push_back(place_text(path, error.source()) + ": " +
                                std::string(error.description()));
    }
    return file;
}

std::string type_fault(const Setting& row, const TomlValue& value) {
    using Type = TomlValue::Type;
    switch (row.kind) {
        case Kind::whole_number:
            return value.type == Type::whole_number ? "" : "must be a whole number without quotes";
        case Kind::flag:
            return value.type == Type::flag ? "" : "must be true or false";
        case Kind::text:
        case Kind::secret:
            return value.type == Type::text ? "" : "must be a text in quotes";
        case Kind::words:
            return value.type == Type::words || value.type == Type::text
                       ? ""
                       : "must be a list of texts without commas";
    }
    return {};
}

}  // namespace souk::config
