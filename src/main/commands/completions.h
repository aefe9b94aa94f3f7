// souk completions SHELL: made from the command line's own description, so that they never differ.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace souk::commands {

int print_completions(const CLI::App& app, const std::string& shell);

struct Word {
    std::string name;                 // "serve", "--port", "flash"
    std::string help;                 // one line
    std::vector<std::string> values;  // of a flag that takes one of these
    bool takes_value = false;         // of a flag
};

// A command, with what may follow it.
struct Place {
    std::string words;             // "flash init"; empty for the program itself
    std::vector<Word> follow_ups;  // commands, or values of an argument
    std::vector<Word> flags;
    bool takes_file = false;
};

// completion_scripts.cpp; the first place is the program itself.
std::string bash_completions(const std::vector<Place>& places);
std::string zsh_completions(const std::vector<Place>& places);
std::string fish_completions(const std::vector<Place>& places);

}  // namespace souk::commands
