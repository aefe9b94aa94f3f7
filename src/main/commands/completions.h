// souk completions SHELL: made from the command line's own description, so that they never differ.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace souk::commands {

int print_completions(const CLI::App& app, const std::string& shell);

}  // namespace souk::commands
