// The doctor's look at flash's data: database, clocks, who serves, the order log, settings in
// doubt.
#include "flash/schema.h"
#include "main/commands/doctor/doctor.h"
#include "main/commands/doctor/tables.h"
#include "main/commands/tables.h"
#include "main/data_directory.h"
#include "platform/core/clock.h"
#include "platform/core/error.h"
#include "platform/db/sqlite/connection.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>

namespace souk::commands {
namespace {

constexpr db::Sql select_serving = "SELECT log FROM serving";
constexpr db::Sql select_position = "SELECT position FROM worker_position WHERE log = $1";
constexpr db::Sql count_dead_letters = "SELECT count(*) FROM dead_letters";
constexpr db::Sql select_newest = "SELECT accepted_at FROM orders ORDER BY id DESC LIMIT 1";
constexpr db::Sql select_clock(
    "SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000",
    "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)");
constexpr std::string_view select_identity = "SELECT id FROM identity";
constexpr std::string_view count_log = "SELECT count(*) FROM log WHERE position > $1";

constexpr std::int64_t clock_differs_ms = 2'000;

std::string log_file(const Config& config) { return config.data_dir + "/flash-log.db"; }
std::string tables_file(const Config& config) { return config.data_dir + "/flash.db"; }
bool is_sqlite(const Config& config) { return config.flash.database_url.empty(); }

// The name of the order log in this data directory; empty when there is none yet.
std::string own_log(const Config& config) {
    if (!std::filesystem::exists(log_file(config))) return {};
    db::sqlite::Connection log(log_file(config), db::sqlite::Mode::read_only);
    const db::Rows rows = log.run(select_identity, {});
    return rows.empty() ? std::string() : db::text(rows[0][0]);
}

core::Task<Finding> check_clocks(db::Database& tables, bool is_sqlite) {
    const std::int64_t now = core::to_ms(core::SystemClock().now());
    std::int64_t other = now;
    if (!is_sqlite) {
        const db::Rows rows = co_await tables.read(select_clock);
        other = db::integer(rows[0][0]);
    }
    const db::Rows newest = co_await tables.read(select_newest);
    const bool has_order = !newest.empty() && !db::is_null(newest[0][0]);
    const std::int64_t ahead = has_order ? db::integer(newest[0][0]) - now : 0;
    if (ahead > clock_differs_ms) {
        co_return Finding{
            "clock and database", "warning",
            "the newest order was accepted " + std::to_string(ahead / 1'000) + " s in the future",
            "the clock was set back; new orders seem older than they are",
            "run a time service, and let the clock catch up"};
    }
    const std::int64_t differs = std::abs(other - now);
    if (differs <= clock_differs_ms) co_return ok("clock and database", "they agree");
    co_return Finding{"clock and database", "warning",
                      "they differ by " + std::to_string(differs / 1'000) + " s",
                      "times in the tables come from both", "run a time service on both machines"};
}

core::Task<Finding> check_serving(db::Database& tables, std::string log) {
    const db::Rows rows = co_await tables.read(select_serving);
    if (rows.empty()) co_return ok("serving", "nobody serves this database; the next start will");
    const std::string serving = db::text(rows[0][0]);
    if (serving == log) co_return ok("serving", "the order log of this data directory");
    co_return Finding{"serving", "wrong", "the order log " + serving + " serves this database",
                      "it may hold orders that are not in the database, so souk does not sell here",
                      "start souk on that log's data directory, or, when that is gone for good, "
                      "here once with --flash-take-over"};
}

core::Task<Finding> check_dead_letters(db::Database& tables) {
    const db::Rows rows = co_await tables.read(count_dead_letters);
    const std::int64_t count = db::integer(rows[0][0]);
    if (count == 0) co_return ok("dead letters", "none");
    co_return Finding{"dead letters", "warning",
                      std::to_string(count) + " accepted orders could not be written",
                      "these customers were promised something",
                      "`souk flash dead-letters` shows why; mend it, then --retry POSITION"};
}

core::Task<Findings> look(db::Database& tables, bool is_sqlite, std::string log) {
    Findings all;
    const db::Dialect dialect = is_sqlite ? db::Dialect::sqlite : db::Dialect::postgres;
    all.push_back(co_await check_version("database", tables, dialect));
    all.push_back(co_await check_schema("tables", tables, flash::migrations(), dialect));
    all.push_back(co_await check_clocks(tables, is_sqlite));
    all.push_back(co_await check_serving(tables, std::move(log)));
    all.push_back(co_await check_dead_letters(tables));
    co_return all;
}

core::Task<std::int64_t> position_of(db::Database& tables, std::string log) {
    const db::Rows rows = co_await tables.read(select_position, log);
    co_return rows.empty() ? 0 : db::integer(rows[0][0]);
}

bool is_local(const std::string& address) {
    return address == "localhost" || address == "::1" || address == "[::1]" ||
           address.starts_with("127.");
}

}  // namespace

Findings check_flash_tables(const Config& config) {
    if (is_sqlite(config) && !std::filesystem::exists(tables_file(config)))
        return {ok("database", tables_file(config) + " is not there; the first start makes it")};
    try {
        return read_flash(config, [&config](db::Database& tables) {
            return look(tables, is_sqlite(config), own_log(config));
        });
    } catch (const core::Unavailable& down) {
        return {
            {"database", "wrong", down.what(),
             "orders are accepted only until the backlog is full, and nothing starts without it", is_sqlite(config) ? "restore the file from a backup, or mend the disk"
                               : "start PostgreSQL, and check FLASH_DATABASE_URL and the network"}
        };
    } catch (const std::exception& problem) {
        return {
            {"database", "warning", problem.what(),
             "the tables are not (all) there yet, or are not souk's", "`souk migrate` makes them; the next start does so as well"}
        };
    }
}

Finding check_flash_log(const Config& config) {
    try {
        const std::string log = own_log(config);
        if (log.empty()) return ok("order log", "not there; the first start makes it");
        db::sqlite::Connection file(log_file(config), db::sqlite::Mode::read_only);
        const auto count_after = [&file](std::int64_t position) {
            return std::to_string(db::integer(file.run(count_log, db::values(position))[0][0]));
        };
        const std::string found = log_file(config) + ", " + count_after(0) + " records";
        if (is_sqlite(config) && !std::filesystem::exists(tables_file(config))) {
            return {"order log", "wrong", found + ", but the tables it belongs to are gone",
                    "accepted orders cannot be written",
                    "put flash.db back, or restore the last backup"};
        }
        const std::int64_t position =
            read_flash(config, [&log](db::Database& tables) { return position_of(tables, log); });
        return ok("order log", found + ", " + count_after(position) + " of them not in the tables");
    } catch (const std::exception& problem) {
        return {"order log", "warning", std::string("cannot be judged: ") + problem.what(),
                "it holds accepted orders that are nowhere else",
                "see to the database first; if the log itself is named, restore it from a backup"};
    }
}

Findings check_flash_settings(const Config& config) {
    Findings all;
    const bool is_production = config.environment == "production";
    if (config.flash.admin_token.empty() && !is_local(config.address)) {
        all.push_back({"settings", is_production ? "wrong" : "warning",
                       "FLASH_ADMIN_TOKEN is not set, and clients may come from other machines",
                       "anybody can start and reset sales with /init",
                       "set FLASH_ADMIN_TOKEN (or FLASH_ADMIN_TOKEN_FILE)"});
    }
    if (!config.flash.admin_token.empty() && config.admin_token.empty()) {
        all.push_back({"settings", "warning",
                       "FLASH_ADMIN_TOKEN is set and SOUK_ADMIN_TOKEN is not",
                       "whoever reaches the operations listener starts and resets sales without it",
                       "set SOUK_ADMIN_TOKEN (or SOUK_ADMIN_TOKEN_FILE)"});
    }
    if (is_production && config.flash.waiting_room_url.find("localhost") != std::string::npos) {
        all.push_back({"settings", "warning",
                       "FLASH_WAITING_ROOM_URL is " + config.flash.waiting_room_url,
                       "customers are sent to their own machine",
                       "set it to the waiting room's address as customers reach it"});
    }
    if (config.flash.take_over) {
        all.push_back({"settings", "warning", "FLASH_TAKE_OVER is set",
                       "each start takes the database from whoever serves it",
                       "unset it after the one start it was meant for"});
    }
    return all;
}

}  // namespace souk::commands
