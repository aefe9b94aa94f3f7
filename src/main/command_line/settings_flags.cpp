// The flags that every command with settings has, and those that several share.
#include "main/command_line/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>

namespace souk::command_line {
namespace {

// A process list shows command lines to everybody on the machine.
void refuse_secret(CLI::App& command, const config::Setting& row) {
    std::string flag = row.environment();
    for (char& c : flag) c = c == '_' ? '-' : static_cast<char>(std::tolower(c));
    if (flag.starts_with("souk-")) flag = flag.substr(5);
    const std::string name = row.environment();
    command
        .add_option_function<std::string>(
            "--" + flag,
            [flag, name](const std::string&) {
                throw CLI::ValidationError(
                    "--" + flag, "a secret is not taken from the command line; set " + name +
                                     " or, to a file's path, " + name + "_FILE");
            })
        ->group("");
}

// Each once, in the order of all_services, however they were named.
std::vector<std::string> in_order(const std::vector<std::string>& named) {
    std::vector<std::string> ordered;
    std::copy_if(all_services.begin(), all_services.end(), std::back_inserter(ordered),
                 [&named](const std::string& each) {
                     return std::find(named.begin(), named.end(), each) != named.end();
                 });
    return ordered;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

void add_settings(CLI::App& command, CommandLine& line) {
    static Config shown;  // CLI11 shows the defaults; nothing is written here
    command.add_option("--config", line.settings_file,
                       "settings file (default: ./souk.toml when there is one)");
    for (const config::Setting& row : settings(shown)) {
        if (row.flag_name().empty()) {
            refuse_secret(command, row);
            continue;
        }
        command
            .add_option_function<std::string>(
                "--" + row.flag_name(),
                [&line, flag = row.flag_name()](const std::string& value) {
                    line.flags[flag] = value;
                },
                row.help + " [" + row.environment() + "]")
            ->default_str(row.default_text)
            ->group("Settings of " + std::string(row.service()))
            ->type_name("");
    }
}

void add_services(CLI::App& command, CommandLine& line) {
    command
        .add_option_function<std::vector<std::string>>(
            "SERVICE",
            [&line](const std::vector<std::string>& named) { line.services = in_order(named); },
            listed(all_services) + "; all when none is named")
        ->check(CLI::IsMember(all_services));
}

void add_json(CLI::App& command, Said& said) {
    command.add_flag("--json", said.as_json, "as JSON");
}

}  // namespace souk::command_line
