// souk config: effective settings, where each came from, secrets masked.
#include "main/commands/commands.h"
#include "platform/config/print.h"

#include <iostream>

namespace souk::commands {

int report(const std::vector<std::string>& mistakes) {
    std::cerr << "souk: the settings have " << mistakes.size()
              << (mistakes.size() == 1 ? " mistake:\n" : " mistakes:\n");
    for (const std::string& mistake : mistakes) std::cerr << "  - " << mistake << '\n';
    std::cerr << "`souk config --help` names every setting.\n";
    return usage;
}

int show_config(const CommandLine& line, Form form) {
    Config config;
    if (form == Form::markdown) {
        std::cout << config::print_markdown(settings(config));
        return done;
    }
    const config::Outcome outcome = load(line, Purpose::look, config);
    if (!outcome.mistakes.empty()) return report(outcome.mistakes);
    std::cout << (form == Form::json ? config::print_json(outcome.values)
                                     : config::print_table(outcome.values));
    return done;
}

}  // namespace souk::commands
