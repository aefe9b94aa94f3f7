// The command line: which command, with which settings.
#include "main/commands/commands.h"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>

namespace {

using namespace souk;

// Every setting is a flag of every command that reads settings.
void add_settings(CLI::App& command, CommandLine& line) {
    static Config shown;  // CLI11 shows the defaults; nothing is written here
    command.add_option("--config", line.settings_file,
                       "settings file (default: ./souk.toml when there is one)");
    for (const config::Setting& row : settings(shown)) {
        if (row.flag_name().empty()) continue;  // secrets come by environment or NAME_FILE
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
    CommandLine line;
    std::vector<std::string> named;
    bool as_json = false;
    bool as_markdown = false;
    commands::NewSale sale;

    CLI::App* const serve =
        app.add_subcommand("serve", "Run the services (all of them, or those named)");
    serve->add_option("services", named, "flash")->check(CLI::IsMember(all_services));
    add_settings(*serve, line);
    CLI::App* const config =
        app.add_subcommand("config", "Show the effective settings and where each came from");
    config->add_flag("--json", as_json, "as JSON");
    config->add_flag("--markdown", as_markdown, "every setting as the page docs/config.md");
    add_settings(*config, line);
    CLI::App* const migrate =
        app.add_subcommand("migrate", "Bring the tables up to date without serving");
    add_settings(*migrate, line);
    CLI::App* const version = app.add_subcommand("version", "Show the version");
    version->add_flag("--json", as_json, "as JSON");
    CLI::App* const flash =
        app.add_subcommand("flash", "Commands of the flash service")->require_subcommand(1);
    CLI::App* const init = flash->add_subcommand("init", "Start or reset the sale of a product");
    init->add_option("product", sale.product_id, "product id, 1 to 128 visible ASCII characters")
        ->required();
    init->add_option("quantity", sale.quantity, "units to sell, 0 to 2147483647")->required();
    init->add_option("--url", sale.url,
                     "address of the running program (default: found by its data directory)");
    init->add_option("--token", sale.token,
                     "ADMIN_TOKEN of the running program (default: this configuration's)");
    add_settings(*init, line);

    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? commands::done : commands::usage;
    }
    if (!named.empty()) line.services = named;
    if (serve->parsed()) return commands::serve(line);
    if (config->parsed()) {
        using commands::Form;
        return commands::show_config(line, as_markdown ? Form::markdown
                                           : as_json   ? Form::json
                                                       : Form::table);
    }
    if (migrate->parsed()) return commands::migrate(line);
    if (version->parsed()) return commands::version(as_json);
    return commands::flash_init(line, sale);
}
