// souk backup FILE, by the running program when there is one; souk restore FILE, with none running.
#include "flash/schema.h"
#include "main/backup/archive.h"
#include "main/commands/commands.h"
#include "main/commands/output.h"
#include "main/commands/running_program.h"
#include "main/data_directory.h"
#include "main/databases.h"
#include "platform/core/loop.h"
#include "platform/json/read.h"
#include "services/flash/store.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory_resource>
#include <optional>
#include <stdexcept>

namespace souk::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours backup_patience{12};
constexpr const char* tables_elsewhere =
    "The tables are in PostgreSQL: pg_dump (or your base backups) must save those. "
    "docs/operations.md says how the two go together.";
constexpr const char* store_elsewhere =
    "The tables of store are not in it: save them where the settings say they are.";

bool is_in(const BackupReport& made, const char* service) {
    return std::find(made.services.begin(), made.services.end(), service) != made.services.end();
}

void print(const Config& config, const BackupReport& made, const char* verb,
           const FileWanted& wanted) {
    if (wanted.as_json) return print_json(made);
    std::cout << verb << ' ' << made.file << ':';
    if (is_in(made, "flash")) {
        if (made.has_tables) std::cout << ' ' << made.orders << " orders in the tables,";
        std::cout << ' ' << made.log_records << " records in the order log";
    }
    if (is_in(made, "store"))
        std::cout << (is_in(made, "flash") ? "; " : " ") << "the tables of store";
    std::cout << '\n';
    if (is_in(made, "flash") && !made.has_tables) std::cout << tables_elsewhere << '\n';
    if (!is_store_embedded(config)) std::cout << store_elsewhere << '\n';
}

int back_up_by_running_program(const Config& config, const FileWanted& wanted,
                               const std::string& file) {
    std::pmr::monotonic_buffer_resource memory;
    json::Output body(&memory);
    body += "{\"file\":";
    json::write(file, body);
    body += '}';
    const net::Answer answer =
        ask_operations(config, "/backup", std::string(body), backup_patience);
    if (answer.status != 200) {
        std::cerr << "souk backup: " << reason_of(answer) << '\n';
        return exit_code_of(answer);
    }
    const json::Reading<BackupReport> read = json::read<BackupReport>(answer.body, memory);
    if (!read.fine()) throw std::runtime_error("the running program's answer cannot be read");
    print(config, read.value, "Saved to", wanted);
    return done;
}

void refuse_other_data(const std::string& data_dir) {
    if (!fs::exists(data_dir)) return;
    for (const fs::directory_entry& entry : fs::directory_iterator(data_dir)) {
        if (entry.path().filename() == "souk.lock") continue;
        throw std::runtime_error(
            "data directory " + data_dir + " is not empty (" + entry.path().filename().string() +
            " is there); nothing is overwritten. Name another with --data-dir, or move it away");
    }
}

void check_place_of_tables(const Config& config, const flash::BackupSummary& about) {
    const bool is_sqlite = config.flash.database_url.empty();
    if (about.has_tables == is_sqlite) return;
    throw std::runtime_error(
        is_sqlite
            ? "the tables of this backup are in PostgreSQL: set FLASH_DATABASE_URL to them"
            : "this backup has its tables in it, but FLASH_DATABASE_URL names others: unset it");
}

// How far the tables in PostgreSQL have got with the log; they must be there before it is restored.
std::int64_t position_in_tables(const Config& config, const std::string& log) {
    core::Loop loop("restore");
    const std::unique_ptr<db::Database> database = open_flash(config);
    const core::SystemClock clock;
    flash::Store store(*database, clock);
    boost::asio::co_spawn(loop.context(), database->migrate(flash::migrations()),
                          boost::asio::use_future)
        .get();
    return boost::asio::co_spawn(loop.context(), store.position(log), boost::asio::use_future)
        .get();
}

// They know the log by another name, and may be ahead of it.
void tell_tables(const Config& config, const flash::BackupSummary& found, std::int64_t position) {
    core::Loop loop("restore");
    const std::unique_ptr<db::Database> database = open_flash(config);
    const core::SystemClock clock;
    flash::Store store(*database, clock);
    const std::int64_t known = std::min(position, found.newest_position);
    boost::asio::co_spawn(loop.context(), store.set_position(found.restored_log, known),
                          boost::asio::use_future)
        .get();
}

}  // namespace

int backup(const CommandLine& line, const FileWanted& wanted) {
    return with_settings("backup", line, [&wanted](const Config& config) {
        const std::string file = fs::absolute(wanted.file).string();
        if (DataDirectory::is_in_use(config.data_dir))
            return back_up_by_running_program(config, wanted, file);
        if (!fs::exists(config.data_dir)) {
            throw std::runtime_error("there is nothing to save in " + config.data_dir +
                                     "; name the data directory with --data-dir");
        }
        const DataDirectory directory(config.data_dir);
        const core::SystemClock clock;
        print(config, archive::make(config, all_services, file, clock), "Saved to", wanted);
        return done;
    });
}

int restore(const CommandLine& line, const FileWanted& wanted) {
    return with_settings("restore", line, [&wanted](const Config& config) {
        refuse_other_data(config.data_dir);
        if (!fs::exists(wanted.file)) throw std::runtime_error(wanted.file + " is not there");
        std::optional<DataDirectory> directory;
        std::int64_t position = 0;
        const auto begin = [&](const archive::Summary& about) {
            if (about.flash) {
                check_place_of_tables(config, *about.flash);
                if (!about.flash->has_tables)
                    position = position_in_tables(config, about.flash->log);
            }
            directory.emplace(config.data_dir);
        };
        const core::SystemClock clock;
        core::SystemRandom random;
        const archive::Summary found = archive::restore(config, wanted.file, begin, clock, random);
        const bool has_new_log = found.flash && !found.flash->has_tables;
        if (has_new_log) tell_tables(config, *found.flash, position);
        print(config, archive::report_of(found, wanted.file), "Restored", wanted);
        if (has_new_log && !wanted.as_json) {
            std::cout << "Start it once with --flash-take-over: the restored log has a new name, "
                         "and the database knows the old one.\n";
        }
        return done;
    });
}

}  // namespace souk::commands
