// What can be said on the command line. Each command is described here once, with what it runs;
// help and completions come from the same description.
#pragma once

#include "main/commands/commands.h"
#include "main/settings.h"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace souk::command_line {

// What was said, for every command, and how the one that ran ended.
struct Said {
    CommandLine line;
    bool as_json = false;
    bool as_markdown = false;
    commands::NewSale sale;
    commands::Listing listing;
    commands::TokenWanted token;
    commands::MailWanted mail;
    std::string file;
    std::string shell;
    int code = commands::usage;
};

// Every setting is a flag of every command that reads settings.
void add_settings(CLI::App& command, CommandLine& line);

// [SERVICE...]: those to be considered; all when none is named.
void add_services(CLI::App& command, CommandLine& line);

void add_json(CLI::App& command, Said& said);

// The commands themselves. `said` must outlive the parsing.
void add_program(CLI::App& app, Said& said);
void add_care(CLI::App& app, Said& said);
void add_flash(CLI::App& app, Said& said);
void add_store(CLI::App& app, Said& said);

}  // namespace souk::command_line
