#include "platform/config/print.h"

#include "platform/core/escape.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string_view>

namespace souk::config {
namespace {

// A terminal pads by columns, not bytes.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
    }));
}

std::string shown_value(const Effective& value) {
    if (value.value.empty()) return "-";
    std::string shown;
    core::escape_pretty(value.value, shown);
    return shown;
}

void add_padded(const std::string& text, std::size_t width, std::string& line) {
    line += text;
    line.append(width - std::min(width, width_of(text)) + 2, ' ');
}

std::string cell(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '|') safe += '\\';
        safe += c == '\n' ? ' ' : c;
    }
    return safe;
}

std::string code(std::string_view text) { return text.empty() ? "" : "`" + cell(text) + "`"; }

std::string environment_cell(const Setting& row) {
    std::string names = code(row.environment());
    for (const std::string& name : row.plain_names) names += ", " + code(name);
    for (const std::string& name : row.alone_names) names += ", " + code(name) + " (alone)";
    return names;
}

std::string default_cell(const Setting& row) {
    std::string text = row.kind == Kind::secret ? "" : code(row.default_text);
    if (row.made_when_missing) text = "made at first start";
    if (row.has_production_default) {
        text += (text.empty() ? "" : "; ") + std::string("in production ") +
                code(row.production_default);
    }
    if (row.required || row.made_when_missing) {
        text += (text.empty() ? "" : "; ") + std::string("required in production");
    }
    return text;
}

std::string markdown_row(const Setting& row) {
    const std::string flag = row.flag_name();
    return "| " + code(row.name) + " | " + environment_cell(row) + " | " +
           (flag.empty() ? "never" : code("--" + flag)) + " | " + default_cell(row) + " | " +
           cell(row.bounds_text()) + " | " + cell(row.help) + " |\n";
}

std::vector<std::string_view> services_of(const Settings& rows) {
    std::vector<std::string_view> services;
    for (const Setting& row : rows) {
        if (std::find(services.begin(), services.end(), row.service()) == services.end()) {
            services.push_back(row.service());
        }
    }
    return services;
}

}  // namespace

std::string print_table(const std::vector<Effective>& values) {
    std::size_t name_width = 0;
    std::size_t value_width = 0;
    std::size_t source_width = 0;
    for (const Effective& value : values) {
        // One long value must not push the other columns off the screen.
        constexpr std::size_t value_width_max = 40;
        name_width = std::max(name_width, width_of(value.name));
        value_width =
            std::max(value_width, std::min(value_width_max, width_of(shown_value(value))));
        source_width = std::max(source_width, width_of(value.source));
    }
    std::string table;
    for (const Effective& value : values) {
        add_padded(value.name, name_width, table);
        add_padded(shown_value(value), value_width, table);
        add_padded(value.source, source_width, table);
        table += value.help + "\n";
    }
    return table;
}

std::string print_json(const std::vector<Effective>& values) {
    boost::json::array rows;
    for (const Effective& value : values) {
        rows.push_back(boost::json::object{
            {"name",   value.name  },
            {"value",  value.value },
            {"source", value.source},
            {"bounds", value.bounds},
            {"help",   value.help  }
        });
    }
    return boost::json::serialize(rows) + "\n";
}

std::string print_markdown(const Settings& rows) {
    std::string page;
    for (const std::string_view service : services_of(rows)) {
        page += (page.empty() ? "## " : "\n## ") + std::string(service) + "\n\n";
        page += "| Setting | Environment | Flag | Default | Bounds | What it does |\n";
        page += "| --- | --- | --- | --- | --- | --- |\n";
        for (const Setting& row : rows) {
            if (row.service() == service) page += markdown_row(row);
        }
    }
    return page;
}

}  // namespace souk::config
