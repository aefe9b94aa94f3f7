// The completions as scripts of the shells. In all three the words that choose a command are those
// before the first flag that are known commands; flags are shown to who begins one with a dash.
#include "main/commands/completions.h"

#include <set>
#include <string_view>

namespace souk::commands {
namespace {

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

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string all;
    for (const std::string& word : words) {
        if (!all.empty()) all += between;
        all += word;
    }
    return all;
}

std::string names(const std::vector<Word>& words) {
    std::vector<std::string> all;
    for (const Word& word : words) all.push_back(word.name);
    return joined(all, " ");
}

std::vector<std::string> known_commands(const std::vector<Place>& places) {
    std::vector<std::string> all;
    for (const Place& place : places) {
        if (!place.words.empty()) all.push_back(shell_word(place.words));
    }
    return all;
}

// Patterns of a `case` over COMMAND FLAG: the flags that no value follows.
std::string switches(const std::vector<Place>& places) {
    std::set<std::string> all;
    for (const Place& place : places) {
        for (const Word& flag : place.flags) {
            if (!flag.takes_value) all.insert("*" + shell_word(" " + flag.name));
        }
    }
    return joined({all.begin(), all.end()}, "|");
}

// In bash and zsh: what follows a flag, as cases over COMMAND FLAG. `offer` makes a statement.
template <typename Offer>
std::string cases_of_values(const std::vector<Place>& places, const Offer& offer) {
    std::string all;
    for (const Place& place : places) {
        for (const Word& flag : place.flags) {
            if (flag.values.empty()) continue;
            all += "        " + shell_word(place.words + " " + flag.name) + ") " +
                   offer(joined(flag.values, " ")) + "; return 0 ;;\n";
        }
    }
    return all;
}

}  // namespace

std::string bash_completions(const std::vector<Place>& places) {
    std::string script = R"(# bash completion of souk: source <(souk completions bash)
_souk_files() {
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}
_souk() {
    local word=${COMP_WORDS[COMP_CWORD]} command= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* ]] && break
        case "${command:+$command }${COMP_WORDS[i]}" in
            )" + joined(known_commands(places), "|") +
                         R"() command="${command:+$command }${COMP_WORDS[i]}" ;;
        esac
    done
    case "$command ${COMP_WORDS[COMP_CWORD-1]}" in
)" + cases_of_values(places, [](const std::string& values) {
                             return "COMPREPLY=($(compgen -W " + shell_word(values) +
                                    " -- \"$word\"))";
                         });
    script += "        " + switches(places) + ") ;;\n";
    script += R"(        *' --'*) _souk_files "$word"; return 0 ;;
    esac
    local follow_ups= flags= files=
    case "$command" in
)";
    for (const Place& place : places) {
        script += "        " + shell_word(place.words) +
                  ") follow_ups=" + shell_word(names(place.follow_ups)) +
                  " flags=" + shell_word(names(place.flags)) +
                  (place.takes_file ? " files=yes" : "") + " ;;\n";
    }
    return script + R"(    esac
    local choices=$follow_ups
    [[ $word == -* ]] && choices=$flags
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
    [[ $files && $word != -* ]] && _souk_files "$word"
    return 0
}
complete -F _souk souk
)";
}

namespace {

// NAME:HELP, as _describe reads it.
std::string zsh_choices(const std::vector<Word>& words) {
    std::vector<std::string> all;
    for (const Word& word : words) {
        std::string choice;
        for (const char c : word.name) choice += c == ':' ? std::string("\\:") : std::string(1, c);
        all.push_back(shell_word(word.help.empty() ? choice : choice + ":" + word.help));
    }
    return "(" + joined(all, " ") + ")";
}

}  // namespace

// The file is read as a whole by `source`, and becomes the body of _souk when it is found in fpath.
std::string zsh_completions(const std::vector<Place>& places) {
    std::string script = R"(#compdef souk
# zsh completion of souk: souk completions zsh > "${fpath[1]}/_souk"
_souk() {
    local command= i
    for ((i = 2; i < CURRENT; i++)); do
        [[ ${words[i]} == -* ]] && break
        case "${command:+$command }${words[i]}" in
            )" + joined(known_commands(places), "|") +
                         R"() command="${command:+$command }${words[i]}" ;;
        esac
    done
    case "$command ${words[CURRENT-1]}" in
)" + cases_of_values(places, [](const std::string& values) { return "compadd -- " + values; });
    script += "        " + switches(places) + ") ;;\n";
    script += R"(        *' --'*) _files; return 0 ;;
    esac
    local -a follow_ups flags
    local files=
    case "$command" in
)";
    for (const Place& place : places) {
        script +=
            "        " + shell_word(place.words) + ") follow_ups=" + zsh_choices(place.follow_ups) +
            " flags=" + zsh_choices(place.flags) + (place.takes_file ? " files=yes" : "") + " ;;\n";
    }
    return script + R"(    esac
    if [[ $words[CURRENT] == -* ]]; then
        _describe -o 'flag' flags
    elif [[ -n $files ]]; then
        _files
    else
        _describe 'souk' follow_ups
    fi
}
if [[ $funcstack[1] == _souk ]]; then _souk "$@"; else compdef _souk souk; fi
)";
}

namespace {

std::string fish_flag(const Word& flag) {
    std::string line = " -l " + flag.name.substr(2);
    if (!flag.values.empty()) {
        line += " -x -a " + shell_word(joined(flag.values, " "));
    } else if (flag.takes_value) {
        line += " -r -F";
    }
    return line + " -d " + shell_word(flag.help) + "\n";
}

}  // namespace

std::string fish_completions(const std::vector<Place>& places) {
    std::string script = R"(# fish completion of souk: souk completions fish | source
function __souk_at
    set -l known )" + joined(known_commands(places), " ") +
                         R"(
    set -l here ''
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and break
        set -l further (string trim -- "$here $word")
        contains -- $further $known; and set here $further
    end
    test "$here" = "$argv[1]"
end
complete -c souk -f
)";
    for (const Place& place : places) {
        const std::string begin =
            "complete -c souk -n " + shell_word("__souk_at \"" + place.words + "\"");
        for (const Word& next : place.follow_ups) {
            script += begin + " -a " + next.name +
                      (next.help.empty() ? "" : " -d " + shell_word(next.help)) + "\n";
        }
        for (const Word& flag : place.flags) script += begin + fish_flag(flag);
        if (place.takes_file) script += begin + " -F\n";
    }
    return script;
}

}  // namespace souk::commands
