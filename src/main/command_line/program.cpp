// The commands about the whole program.
#include "main/command_line/command_line.h"
#include "main/commands/completions.h"

#include <CLI/CLI.hpp>

namespace souk::command_line {

void add_program(CLI::App& app, Said& said) {
    CLI::App* const serve =
        app.add_subcommand("serve", "Run the services (all of them, or those named)");
    serve->callback([&said] { said.code = commands::serve(said.line); });

    CLI::App* const config =
        app.add_subcommand("config", "Show the effective settings and where each came from");
    add_json(*config, said);
    config->add_flag("--markdown", said.as_markdown, "every setting as the page docs/config.md");
    config->callback([&said] {
        const commands::Form form = said.as_markdown ? commands::Form::markdown
                                    : said.as_json   ? commands::Form::json
                                                     : commands::Form::table;
        said.code = commands::show_config(said.line, form);
    });

    CLI::App* const migrate =
        app.add_subcommand("migrate", "Bring the tables up to date without serving");
    migrate->callback([&said] { said.code = commands::migrate(said.line); });

    for (CLI::App* command : {serve, config, migrate}) {
        add_services(*command, said.line);
        add_settings(*command, said.line);
    }
    CLI::App* const version = app.add_subcommand("version", "Show the version");
    add_json(*version, said);
    version->callback([&said] { said.code = commands::version(said.as_json); });
}

void add_care(CLI::App& app, Said& said) {
    CLI::App* const doctor = app.add_subcommand(
        "doctor", "Look for what is wrong with this machine, the settings and the data");
    add_services(*doctor, said.line);
    doctor->callback([&said] { said.code = commands::doctor(said.line, said.as_json); });

    CLI::App* const backup = app.add_subcommand(
        "backup", "Save order log and tables to a new file, also while souk runs");
    backup->callback([&said] {
        said.code = commands::backup(said.line, {.file = said.file, .as_json = said.as_json});
    });
    CLI::App* const restore =
        app.add_subcommand("restore", "Fill an empty data directory from a backup");
    restore->callback([&said] {
        said.code = commands::restore(said.line, {.file = said.file, .as_json = said.as_json});
    });
    for (CLI::App* command : {backup, restore})
        command->add_option("FILE", said.file, "the backup")->required();
    for (CLI::App* command : {doctor, backup, restore}) {
        add_json(*command, said);
        add_settings(*command, said.line);
    }

    CLI::App* const completions = app.add_subcommand(
        "completions", "Print a script that completes commands and flags in a shell");
    completions->add_option("SHELL", said.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    completions->callback(
        [&app, &said] { said.code = commands::print_completions(app, said.shell); });
}

}  // namespace souk::command_line
