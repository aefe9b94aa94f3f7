// The command line: which command, with which settings.
#include "main/commands/commands.h"
#include "main/commands/completions.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <optional>

namespace {

using namespace souk;

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

// Every setting is a flag of every command that reads settings.
void add_settings(CLI::App& command, CommandLine& line) {
    static Config shown;  // CLI11 shows the defaults; nothing is written here
    command.add_option("--config", line.settings_file,
                       "settings file (default: ./souk.toml when there is one)");
    for (const config::Setting& row : settings(shown)) {
        if (row.flag_name().empty()) {
            refuse_secret(command, row);
            continue;
        }
        const std::string group = "Settings of " + std::string(row.service());
        command
            .add_option_function<std::string>(
                "--" + row.flag_name(),
                [&line, flag = row.flag_name()](const std::string& value) {
                    line.flags[flag] = value;
                },
                row.help + " [" + row.environment() + "]")
            ->default_str(row.default_text)
            ->group(group)
            ->type_name("");
    }
}

struct Choices {
    CommandLine line;
    std::vector<std::string> services;
    bool as_json = false;
    bool as_markdown = false;
    commands::NewSale sale;
    commands::Listing listing;
    std::string file;
    std::string shell;
};

struct Commands {
    CLI::App* serve;
    CLI::App* config;
    CLI::App* migrate;
    CLI::App* version;
    CLI::App* flash_init;
    CLI::App* flash_orders;
    CLI::App* flash_sales;
    CLI::App* flash_dead_letters;
    CLI::App* doctor;
    CLI::App* backup;
    CLI::App* restore;
    CLI::App* completions;
};

void add_listings(CLI::App& flash, Commands& commands, Choices& chosen) {
    commands.flash_orders = flash.add_subcommand("orders", "List orders, the newest first");
    commands.flash_sales =
        flash.add_subcommand("sales", "List products on sale with the orders of their latest sale");
    commands.flash_dead_letters = flash.add_subcommand(
        "dead-letters", "List accepted orders that the database refused, or try one again");
    for (CLI::App* command :
         {commands.flash_orders, commands.flash_sales, commands.flash_dead_letters}) {
        command->add_option("--product", chosen.listing.product, "only of this product");
        command->add_option("--limit", chosen.listing.limit, "at most so many (default 100)")
            ->check(CLI::Range(1, 1'000'000));
        command->add_flag("--json", chosen.as_json, "as JSON");
        add_settings(*command, chosen.line);
    }
    commands.flash_orders->add_option("--state", chosen.listing.state, "only in this state")
        ->check(CLI::IsMember({"confirmed", "cancelled", "failed"}));
    commands.flash_dead_letters->add_option(
        "--retry", chosen.listing.retry,
        "write the order of the dead letter at this position once more");
}

void add_care(CLI::App& app, Commands& commands, Choices& chosen) {
    commands.doctor = app.add_subcommand(
        "doctor", "Look for what is wrong with this machine, the settings and the data");
    commands.backup = app.add_subcommand(
        "backup", "Save order log and tables to a new file, also while souk runs");
    commands.restore = app.add_subcommand("restore", "Fill an empty data directory from a backup");
    for (CLI::App* command : {commands.backup, commands.restore}) {
        command->add_option("FILE", chosen.file, "the backup")->required();
    }
    for (CLI::App* command : {commands.doctor, commands.backup, commands.restore}) {
        command->add_flag("--json", chosen.as_json, "as JSON");
        add_settings(*command, chosen.line);
    }
    commands.completions = app.add_subcommand(
        "completions", "Print a script that completes commands and flags in a shell");
    commands.completions->add_option("SHELL", chosen.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

Commands add_commands(CLI::App& app, Choices& chosen) {
    Commands commands{};
    commands.serve = app.add_subcommand("serve", "Run the services (all of them, or those named)");
    commands.serve->add_option("SERVICE", chosen.services, "flash")
        ->check(CLI::IsMember(all_services));
    commands.config =
        app.add_subcommand("config", "Show the effective settings and where each came from");
    commands.config->add_flag("--json", chosen.as_json, "as JSON");
    commands.config->add_flag("--markdown", chosen.as_markdown,
                              "every setting as the page docs/config.md");
    commands.migrate = app.add_subcommand("migrate", "Bring the tables up to date without serving");
    commands.version = app.add_subcommand("version", "Show the version");
    commands.version->add_flag("--json", chosen.as_json, "as JSON");
    CLI::App* const flash =
        app.add_subcommand("flash", "Commands of the flash service")->require_subcommand(1);
    commands.flash_init = flash->add_subcommand("init", "Start or reset the sale of a product");
    CLI::App& init = *commands.flash_init;
    init.add_option("PRODUCT", chosen.sale.product_id, "1 to 128 visible ASCII characters")
        ->required();
    init.add_option("QUANTITY", chosen.sale.quantity, "units to sell, 0 to 2147483647")->required();
    init.add_option("--url", chosen.sale.url,
                    "address of the running program (default: this machine's, by its settings)");
    init.add_flag("--json", chosen.as_json, "print the answer as JSON");
    for (CLI::App* command :
         {commands.serve, commands.config, commands.migrate, commands.flash_init}) {
        add_settings(*command, chosen.line);
    }
    add_listings(*flash, commands, chosen);
    add_care(app, commands, chosen);
    return commands;
}

std::optional<int> run_care(const Commands& commands, const Choices& chosen, const CLI::App& app) {
    const commands::FileWanted file{.file = chosen.file, .as_json = chosen.as_json};
    if (commands.doctor->parsed()) return commands::doctor(chosen.line, chosen.as_json);
    if (commands.backup->parsed()) return commands::backup(chosen.line, file);
    if (commands.restore->parsed()) return commands::restore(chosen.line, file);
    if (commands.completions->parsed()) return commands::print_completions(app, chosen.shell);
    return std::nullopt;
}

std::optional<int> run_listing(const Commands& commands, Choices& chosen) {
    commands::Listing& listing = chosen.listing;
    listing.as_json = chosen.as_json;
    if (commands.flash_orders->parsed()) return commands::flash_orders(chosen.line, listing);
    if (commands.flash_sales->parsed()) return commands::flash_sales(chosen.line, listing);
    if (commands.flash_dead_letters->parsed())
        return commands::flash_dead_letters(chosen.line, listing);
    return std::nullopt;
}

int run(const Commands& commands, Choices& chosen, const CLI::App& app) {
    using commands::Form;
    if (!chosen.services.empty()) chosen.line.services = chosen.services;
    chosen.sale.as_json = chosen.as_json;
    if (const std::optional<int> code = run_care(commands, chosen, app)) return *code;
    if (const std::optional<int> code = run_listing(commands, chosen)) return *code;
    if (commands.serve->parsed()) return commands::serve(chosen.line);
    if (commands.migrate->parsed()) return commands::migrate(chosen.line);
    if (commands.version->parsed()) return commands::version(chosen.as_json);
    if (commands.flash_init->parsed()) return commands::flash_init(chosen.line, chosen.sale);
    const Form form = chosen.as_markdown ? Form::markdown
                      : chosen.as_json   ? Form::json
                                         : Form::table;
    return commands::show_config(chosen.line, form);
}

}  // namespace

int main(int count, char** words) {
    CLI::App app(
        "Souk: five shop backends in one program.\n\n"
        "  souk serve                       start everything, with data in ./souk-data\n"
        "  souk flash init iphone-15 100    start a sale of 100 units\n"
        "  curl localhost:9090/readyz       ask how it is\n");
    app.require_subcommand(1);
    app.footer(
        "Every setting can be a flag, an environment variable (FLASH_PORT) or a line in "
        "souk.toml;\n"
        "`souk config` shows each with its value and where it came from.\n"
        "Exit codes: 0 done, 1 refused, 2 wrong usage or settings, 3 something it needs is "
        "unavailable.");
    Choices chosen;
    const Commands commands = add_commands(app, chosen);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? commands::done : commands::usage;
    }
    return run(commands, chosen, app);
}
