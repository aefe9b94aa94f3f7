// souk migrate: brings every service's tables up to date without serving. `souk serve` does it as
// well.
#include "flash/schema.h"
#include "main/commands/commands.h"
#include "main/data_directory.h"
#include "main/databases.h"
#include "platform/core/loop.h"
#include "services/flash/service.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <iostream>
#include <optional>

namespace souk::commands {

int migrate(const CommandLine& line) {
    Config config;
    const config::Outcome outcome = load(line, false, config);
    if (!outcome.mistakes.empty()) return report(outcome.mistakes);
    try {
        // SQLite's files belong to the running program; PostgreSQL has a lock of its own for this.
        std::optional<DataDirectory> directory;
        if (config.flash.database_url.empty()) directory.emplace(config.data_dir);
        core::Loop loop("migrate");
        const std::unique_ptr<db::Database> database = open_flash(config);
        const int applied =
            boost::asio::co_spawn(loop.context(), database->migrate(flash::migrations()),
                                  boost::asio::use_future)
                .get();
        std::cout << "flash: " << database->describe() << ": "
                  << (applied == 0 ? "up to date" : std::to_string(applied) + " migrations applied")
                  << '\n';
        return done;
    } catch (const core::Unavailable& down) {
        std::cerr << "souk migrate: " << down.what() << '\n';
        return unavailable;
    } catch (const std::exception& problem) {
        std::cerr << "souk migrate: " << problem.what() << '\n';
        return refused;
    }
}

}  // namespace souk::commands
