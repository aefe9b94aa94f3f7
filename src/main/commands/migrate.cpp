// souk migrate: brings the tables of the services up to date without serving. `souk serve` does it
// as well.
#include "flash/schema.h"
#include "main/commands/commands.h"
#include "main/commands/running_program.h"
#include "main/data_directory.h"
#include "main/databases.h"
#include "platform/core/loop.h"
#include "platform/jobs/jobs.h"
#include "store/schema.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <iostream>
#include <optional>

namespace souk::commands {
namespace {

bool is_embedded(const std::string& service, const Config& config) {
    return service == "flash" ? config.flash.database_url.empty() : is_store_embedded(config);
}

void bring_up_to_date(const std::string& service, db::Database& tables,
                      const std::vector<db::Migrations>& sets) {
    core::Loop loop("migrate");
    int applied = 0;
    for (const db::Migrations& set : sets) {
        applied +=
            boost::asio::co_spawn(loop.context(), tables.migrate(set), boost::asio::use_future)
                .get();
    }
    std::cout << service << ": " << tables.describe() << ": "
              << (applied == 0 ? "up to date" : std::to_string(applied) + " migrations applied")
              << '\n';
}

}  // namespace

int migrate(const CommandLine& line) {
    return with_settings("migrate", line, [&line](const Config& config) {
        std::optional<DataDirectory> directory;
        for (const std::string& service : line.services) {
            // SQLite's files belong to the running program; the others have a lock for this.
            if (!directory && is_embedded(service, config)) directory.emplace(config.data_dir);
            if (service == "flash")
                bring_up_to_date(service, *open_flash(config), {flash::migrations()});
            if (service == "store") {
                bring_up_to_date(service, *open_store(config),
                                 {store::migrations(), jobs::migrations()});
            }
        }
        return done;
    });
}

}  // namespace souk::commands
