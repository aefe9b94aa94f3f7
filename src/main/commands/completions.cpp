#include "main/commands/completions.h"

#include "main/commands/commands.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <sstream>

namespace souk::commands {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// A group of options is a command without a name to CLI11.
bool is_group(const CLI::App& command) { return command.get_name().empty(); }

// CLI11 tells what a value must be one of in words only: "{flash,store}".
std::vector<std::string> values_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t begin = type.find('{');
    const std::size_t end = type.find('}', begin);
    if (begin == std::string::npos || end == std::string::npos) return {};
    std::vector<std::string> values;
    std::istringstream list(type.substr(begin + 1, end - begin - 1));
    for (std::string value; std::getline(list, value, ',');) values.push_back(value);
    return values;
}

void add_argument(const CLI::Option& option, Place& place) {
    if (option.get_name(true) == "FILE") place.takes_file = true;
    for (const std::string& value : values_of(option))
        place.follow_ups.push_back({.name = value, .help = "", .values = {}});
}

// Hidden options (secrets that are refused) are left out.
void add_options(const CLI::App& app, Place& place) {
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) continue;
        if (option->get_positional()) add_argument(*option, place);
        for (const std::string& name : option->get_lnames()) {
            place.flags.push_back({.name = "--" + name,
                                   .help = first_line(option->get_description()),
                                   .values = values_of(*option),
                                   .takes_value = option->get_items_expected_max() > 0});
        }
    }
}

// Every command with what may follow it.
void collect(const CLI::App& app, const std::string& words, std::vector<Place>& into) {
    Place place{.words = words, .follow_ups = {}, .flags = {}};
    add_options(app, place);
    for (const CLI::App* command : app.get_subcommands({})) {
        if (is_group(*command)) {
            add_options(*command, place);
        } else {
            place.follow_ups.push_back({.name = command->get_name(),
                                        .help = first_line(command->get_description()),
                                        .values = {}});
        }
    }
    into.push_back(std::move(place));
    for (const CLI::App* command : app.get_subcommands({})) {
        if (is_group(*command)) continue;
        collect(*command, words.empty() ? command->get_name() : words + " " + command->get_name(),
                into);
    }
}

}  // namespace

int print_completions(const CLI::App& app, const std::string& shell) {
    std::vector<Place> places;
    collect(app, "", places);
    if (shell == "bash") std::cout << bash_completions(places);
    if (shell == "zsh") std::cout << zsh_completions(places);
    if (shell == "fish") std::cout << fish_completions(places);
    return done;
}

}  // namespace souk::commands
