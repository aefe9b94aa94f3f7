#include "main/backup/archive.h"

#include "main/backup/bundle.h"
#include "main/databases.h"
#include "platform/core/error.h"
#include "platform/core/folders.h"
#include "platform/db/migration_plan.h"
#include "platform/db/sqlite/connection.h"
#include "platform/db/sqlite/copy.h"
#include "store/schema.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <unistd.h>

namespace souk::archive {
namespace {

namespace fs = std::filesystem;
using db::sqlite::Connection;
using db::sqlite::Mode;

constexpr const char* flash_part = "flash.backup";
constexpr const char* store_part = "store.db";
constexpr std::string_view select_migrations =
    "SELECT number, checksum FROM souk_migrations ORDER BY number";

// A folder for what is on its way, taken away again whatever happens.
class Workbench {
public:
    explicit Workbench(fs::path path) : path_(std::move(path)) {
        if (path_.has_parent_path()) core::make_folders(path_.parent_path());
        std::error_code error;
        if (!fs::create_directory(path_, error)) {
            throw std::runtime_error(path_.string() + " cannot be made: " +
                                     (error ? error.message() : std::string("it is there")) +
                                     "; if no other backup runs, remove it");
        }
        fs::permissions(path_, fs::perms::owner_all);
    }
    ~Workbench() {
        std::error_code ignored;  // nothing of it is needed any more
        fs::remove_all(path_, ignored);
    }
    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;

    fs::path place(const char* name) const { return path_ / name; }
    const fs::path& path() const { return path_; }

private:
    const fs::path path_;
};

bool is_among(const std::vector<std::string>& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

flash::BackupSummary back_up_flash(const Config& config, const std::string& file,
                                   const core::Clock& clock, const std::stop_token& stop) {
    return flash::back_up(config.data_dir, config.flash.database_url.empty(), file, clock, stop);
}

// Throws unless the file is a database of this program's, or an older one's, store.
void check_store(const fs::path& file) {
    Connection tables(file.string(), Mode::read_only);
    const db::Rows integrity = tables.run("PRAGMA integrity_check", {});
    if (integrity.size() != 1 || db::text(integrity[0][0]) != "ok")
        throw std::runtime_error("the backup's store is damaged: " + db::text(integrity[0][0]));
    std::vector<db::Applied> applied;
    for (const db::Values& row : tables.run(select_migrations, {}).rows)
        applied.push_back({db::integer(row[0]), db::text(row[1])});
    db::missing(store::migrations(), applied, db::Dialect::sqlite);  // throws when it knows more
}

void check_place_of_store(const Config& config) {
    if (!is_store_embedded(config)) {
        throw std::runtime_error(
            "this backup has the store's tables in it, but the settings name others: unset "
            "STORE_DATABASE_URL and TURSO_DATABASE_URL");
    }
    if (fs::exists(store_file(config)))
        throw std::runtime_error(store_file(config) + " exists; nothing is overwritten");
}

// Under a name of its own until it is whole.
void put_store(const Config& config, const fs::path& from) {
    const std::string file = store_file(config);
    Connection tables(from.string(), Mode::read_only);
    db::sqlite::copy_into(tables, file + ".part");
    if (::rename((file + ".part").c_str(), file.c_str()) != 0)
        throw core::Unavailable(file + " cannot be made: " + std::strerror(errno));
    core::sync_folder(fs::absolute(file).parent_path());
}

}  // namespace

BackupReport report_of(const Summary& summary, const std::string& file) {
    BackupReport report{.file = file};
    if (const std::optional<flash::BackupSummary>& flash = summary.flash) {
        report.services.emplace_back("flash");
        report.has_tables = flash->has_tables;
        report.orders = flash->orders;
        report.log_records = flash->log_records;
    }
    if (summary.has_store) report.services.emplace_back("store");
    return report;
}

BackupReport make(const Config& config, const std::vector<std::string>& services,
                  const std::string& file, const core::Clock& clock, const std::stop_token& stop) {
    const bool has_flash =
        is_among(services, "flash") && fs::exists(config.data_dir + "/flash-log.db");
    const bool has_store =
        is_among(services, "store") && is_store_embedded(config) && fs::exists(store_file(config));
    if (!has_flash && !has_store) {
        throw std::runtime_error("there is nothing to save in " + config.data_dir +
                                 (is_store_embedded(config)
                                      ? "; name the data directory with --data-dir"
                                      : "; the tables of store are elsewhere, save them there"));
    }
    Summary made{.flash = {}, .has_store = has_store};
    if (!has_store) {
        made.flash = back_up_flash(config, file, clock, stop);
        return report_of(made, file);
    }
    if (fs::exists(fs::symlink_status(file)))
        throw std::runtime_error(file + " exists; nothing is overwritten");
    const Workbench bench(file + ".parts");
    std::vector<fs::path> parts;
    if (has_flash) {
        parts.push_back(bench.place(flash_part));
        made.flash = back_up_flash(config, parts.back().string(), clock, stop);
    }
    parts.push_back(bench.place(store_part));
    Connection store(store_file(config), Mode::read_only);
    db::sqlite::copy_into(store, parts.back().string(), stop);
    bundle::write(parts, file, stop);
    return report_of(made, file);
}

Summary restore(const Config& config, const std::string& file,
                const std::function<void(const Summary&)>& begin, const core::Clock& clock,
                core::Random& random) {
    const auto restore_flash = [&](const std::string& from, bool has_store) {
        return flash::restore(
            from, config.data_dir,
            [&](const flash::BackupSummary& about) {
                begin({.flash = about, .has_store = has_store});
            },
            clock, random);
    };
    if (!bundle::is_bundle(file)) return {.flash = restore_flash(file, false), .has_store = false};

    const Workbench bench(fs::absolute(config.data_dir).lexically_normal().string() + ".restoring");
    const std::vector<std::string> parts = bundle::extract(file, bench.path());
    Summary found{.flash = {}, .has_store = is_among(parts, store_part)};
    if (found.has_store) {
        check_place_of_store(config);
        check_store(bench.place(store_part));
    }
    if (is_among(parts, flash_part)) {
        found.flash = restore_flash(bench.place(flash_part).string(), found.has_store);
    } else {
        begin(found);
    }
    if (found.has_store) put_store(config, bench.place(store_part));
    return found;
}

}  // namespace souk::archive
