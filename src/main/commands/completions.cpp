#include "main/commands/completions.h"

#include "main/commands/commands.h"

#include <CLI/CLI.hpp>

#include <iostream>
#include <string_view>
#include <vector>

namespace souk::commands {
namespace {

struct Flag {
    std::string name;  // "--port"
    std::string help;  // one line
};

struct Place {
    std::string words;  // "flash init"; empty for the program itself
    std::vector<Flag> commands;
    std::vector<Flag> flags;
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// A group of options is a command without a name to CLI11.
bool is_group(const CLI::App& command) { return command.get_name().empty(); }

// Hidden options (secrets that are refused) are left out.
void add_flags(const CLI::App& app, Place& place) {
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) continue;
        for (const std::string& name : option->get_lnames()) {
            place.flags.push_back({"--" + name, first_line(option->get_description())});
        }
    }
}

// Every command with what may follow it.
void collect(const CLI::App& app, const std::string& words, std::vector<Place>& into) {
    Place place{.words = words, .commands = {}, .flags = {}};
    add_flags(app, place);
    for (const CLI::App* command : app.get_subcommands({})) {
        if (is_group(*command)) {
            add_flags(*command, place);
        } else {
            place.commands.push_back({command->get_name(), first_line(command->get_description())});
        }
    }
    into.push_back(std::move(place));
    for (const CLI::App* command : app.get_subcommands({})) {
        if (is_group(*command)) continue;
        collect(*command, words.empty() ? command->get_name() : words + " " + command->get_name(),
                into);
    }
}

// Inside single quotes of any of the three shells.
std::string shell_word(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '\'') {
            safe += "’";
        } else {
            safe += c;
        }
    }
    return "'" + safe + "'";
}

std::string names(const Place& place) {
    std::string all;
    for (const std::vector<Flag>& list : {place.commands, place.flags}) {
        for (const Flag& flag : list) all += (all.empty() ? "" : " ") + flag.name;
    }
    return all;
}

// The words that choose a command are those before the first flag.
constexpr const char* bash_head = R"(# bash completion of souk: source <(souk completions bash)
_souk() {
    local word=${COMP_WORDS[COMP_CWORD]} command= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* ]] && break
        case "${command:+$command }${COMP_WORDS[i]}" in
)";
constexpr const char* bash_middle = R"( command="${command:+$command }${COMP_WORDS[i]}" ;;
        esac
    done
    local choices=
    case "$command" in
)";
constexpr const char* bash_tail = R"(    esac
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    [[ ${#COMPREPLY[@]} -eq 0 && $word != -* ]] && COMPREPLY=($(compgen -f -- "$word"))
    return 0
}
complete -o filenames -F _souk souk
)";

void print_bash(const std::vector<Place>& places) {
    std::cout << bash_head << "            ";
    for (std::size_t i = 1; i < places.size(); ++i) {
        std::cout << (i > 1 ? "|" : "") << shell_word(places[i].words);
    }
    std::cout << ")" << bash_middle;
    for (const Place& place : places) {
        std::cout << "        " << shell_word(place.words)
                  << ") choices=" << shell_word(names(place)) << " ;;\n";
    }
    std::cout << bash_tail;
}

constexpr const char* zsh_head = R"(#compdef souk
# zsh completion of souk: souk completions zsh > "${fpath[1]}/_souk"
_souk() {
    local command= i
    for ((i = 2; i < CURRENT; i++)); do
        [[ ${words[i]} == -* ]] && break
        case "${command:+$command }${words[i]}" in
)";
constexpr const char* zsh_middle = R"() command="${command:+$command }${words[i]}" ;;
        esac
    done
    local -a choices
    case "$command" in
)";
constexpr const char* zsh_tail = R"(    esac
    _describe 'souk' choices || _files
}
compdef _souk souk
)";

std::string zsh_choice(const Flag& flag) {
    std::string name;
    for (const char c : flag.name) name += c == ':' ? std::string("\\:") : std::string(1, c);
    return shell_word(name + ":" + flag.help);
}

void print_zsh(const std::vector<Place>& places) {
    std::cout << zsh_head << "            ";
    for (std::size_t i = 1; i < places.size(); ++i) {
        std::cout << (i > 1 ? "|" : "") << shell_word(places[i].words);
    }
    std::cout << zsh_middle;
    for (const Place& place : places) {
        std::cout << "        " << shell_word(place.words) << ") choices=(";
        for (const std::vector<Flag>& list : {place.commands, place.flags}) {
            for (const Flag& flag : list) std::cout << ' ' << zsh_choice(flag);
        }
        std::cout << " ) ;;\n";
    }
    std::cout << zsh_tail;
}

constexpr const char* fish_head = R"(# fish completion of souk: souk completions fish | source
function __souk_at
    set -l here
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and break
        set -a here $word
    end
    test "$here" = "$argv[1]"
end
)";

void print_fish(const std::vector<Place>& places) {
    std::cout << fish_head;
    for (const Place& place : places) {
        const std::string begin =
            "complete -c souk -n " + shell_word("__souk_at \"" + place.words + "\"");
        for (const Flag& command : place.commands) {
            std::cout << begin << " -f -a " << command.name << " -d " << shell_word(command.help)
                      << '\n';
        }
        for (const Flag& flag : place.flags) {
            std::cout << begin << " -l " << flag.name.substr(2) << " -d " << shell_word(flag.help)
                      << '\n';
        }
    }
}

}  // namespace

int print_completions(const CLI::App& app, const std::string& shell) {
    std::vector<Place> places;
    collect(app, "", places);
    if (shell == "bash") print_bash(places);
    if (shell == "zsh") print_zsh(places);
    if (shell == "fish") print_fish(places);
    return done;
}

}  // namespace souk::commands
