// The command line: which command, with which settings.
#include "main/command_line/command_line.h"

#include <CLI/CLI.hpp>

namespace {

constexpr const char* opening =
    "Souk: five shop backends in one program.\n\n"
    "  souk serve                       start everything, with data in ./souk-data\n"
    "  souk flash init iphone-15 100    start a sale of 100 units\n"
    "  souk store token --email ME      print a token for local work\n"
    "  curl localhost:9090/readyz       ask how it is\n";
constexpr const char* closing =
    "Every setting can be a flag, an environment variable (FLASH_PORT) or a line in souk.toml;\n"
    "`souk config` shows each with its value and where it came from.\n"
    "Exit codes: 0 done, 1 refused, 2 wrong usage or settings, 3 something it needs is "
    "unavailable.";

}  // namespace

int main(int count, char** words) {
    using namespace souk;
    CLI::App app(opening);
    app.require_subcommand(1);
    app.footer(closing);
    command_line::Said said;
    command_line::add_program(app, said);
    command_line::add_flash(app, said);
    command_line::add_store(app, said);
    command_line::add_care(app, said);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? commands::done : commands::usage;
    }
    return said.code;
}
