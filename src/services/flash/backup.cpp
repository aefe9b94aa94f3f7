#include "services/flash/backup.h"

#include "flash/schema.h"
#include "platform/core/error.h"
#include "platform/core/folders.h"
#include "platform/db/migration_plan.h"
#include "platform/db/sqlite/copy.h"
#include "services/flash/order_log_sqlite.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace souk::flash {
namespace {

using db::sqlite::Connection;
using db::sqlite::Mode;

constexpr std::int64_t format = 1;
constexpr int snapshots_max = 1'000;

constexpr const char* create_tables = R"(
    CREATE TABLE souk_backup (
        format INTEGER NOT NULL, made_at INTEGER NOT NULL, log TEXT NOT NULL,
        has_tables INTEGER NOT NULL, orders INTEGER NOT NULL, log_records INTEGER NOT NULL);
    CREATE TABLE souk_backup_log (
        position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, order_id TEXT NOT NULL,
        product_id TEXT NOT NULL, user_id TEXT NOT NULL, idempotency_key TEXT NOT NULL,
        epoch INTEGER NOT NULL, accepted_at INTEGER NOT NULL))";
constexpr const char* drop_tables = "DROP TABLE souk_backup; DROP TABLE souk_backup_log";
constexpr std::string_view insert_about = "INSERT INTO souk_backup VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view select_about =
    "SELECT format, made_at, log, has_tables, orders, log_records FROM souk_backup";
constexpr std::string_view select_log = R"(
    SELECT position, kind, order_id, product_id, user_id, idempotency_key, epoch, accepted_at
    FROM log ORDER BY position)";
constexpr std::string_view select_kept_log = R"(
    SELECT position, kind, order_id, product_id, user_id, idempotency_key, epoch, accepted_at
    FROM souk_backup_log ORDER BY position)";
constexpr std::string_view insert_kept_record =
    "INSERT INTO souk_backup_log VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view insert_record =
    "INSERT INTO log VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
constexpr std::string_view select_identity = "SELECT id FROM identity";
constexpr std::string_view update_identity = "UPDATE identity SET id = $1";
constexpr std::string_view select_position = "SELECT position FROM worker_position WHERE log = $1";
constexpr std::string_view select_sales = "SELECT id, epoch FROM products ORDER BY id";
constexpr std::string_view select_first = "SELECT min(position) FROM log";
constexpr std::string_view select_newest = "SELECT coalesce(max(position), 0) FROM log";
constexpr std::string_view count_orders = "SELECT count(*) FROM orders";
constexpr std::string_view count_kept_log = "SELECT count(*) FROM souk_backup_log";
constexpr std::string_view select_migrations =
    "SELECT number, checksum FROM souk_migrations ORDER BY number";

std::string log_file(const std::string& directory) { return directory + "/flash-log.db"; }
std::string tables_file(const std::string& directory) { return directory + "/flash.db"; }

std::int64_t number(Connection& connection, std::string_view sql) {
    return db::integer(connection.run(sql, {})[0][0]);
}

std::int64_t position_of(Connection& tables, const std::string& log) {
    const db::Rows rows = tables.run(select_position, db::values(log));
    return rows.empty() ? 0 : db::integer(rows[0][0]);
}

bool exists(const std::string& file) {
    struct stat found{};
    return ::lstat(file.c_str(), &found) == 0;
}

void sync_directory_of(const std::string& file) {
    try {
        core::sync_folder(std::filesystem::absolute(file).parent_path());
    } catch (const std::system_error& failure) {
        throw core::Unavailable(failure.what());
    }
}

// Under a name of its own until it is whole; taken away again when it does not become so.
class NewFile {
public:
    explicit NewFile(std::string file) : file_(std::move(file)), part_(file_ + ".part") {
        if (exists(file_)) throw std::runtime_error(file_ + " exists; nothing is overwritten");
        const int made = ::open(part_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (made < 0) {
            throw std::runtime_error(
                part_ + " cannot be made: " + std::strerror(errno) +
                (errno == EEXIST ? "; if no other backup runs, remove it" : ""));
        }
        ::close(made);
    }
    ~NewFile() {
        for (const char* const end : {"", "-wal", "-shm", "-journal"}) {
            ::unlink((part_ + end).c_str());
        }
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    const std::string& part() const { return part_; }

    // A second name rather than a rename, which would replace a file that has come since.
    void keep() {
        if (::link(part_.c_str(), file_.c_str()) != 0)
            throw std::runtime_error(file_ + " cannot be made: " + std::strerror(errno));
        ::unlink(part_.c_str());
        sync_directory_of(file_);
    }

private:
    const std::string file_;
    const std::string part_;
};

// Read transactions on tables and log that together are one moment.
class Moment {
public:
    Moment(const std::string& data_dir, bool has_tables)
        : log(log_file(data_dir), Mode::read_only) {
        if (has_tables) tables.emplace(tables_file(data_dir), Mode::read_only);
        for (int tries = 0; tries < snapshots_max; ++tries) {
            if (begin(data_dir)) return;
            log.execute("ROLLBACK");
            tables->execute("ROLLBACK");
        }
        throw core::Unavailable("sales are started too quickly for a backup; try again later");
    }

    Connection log;
    std::optional<Connection> tables;
    std::string identity;

private:
    // The tables first. Then the log has every order that they have not, unless records that were
    // written since are gone from it already; and an order of it may belong to a sale that the
    // tables do not know yet. Both show when the tables are looked at once more.
    bool begin(const std::string& data_dir) {
        db::Rows sales;
        if (tables) {
            tables->execute("BEGIN");
            sales = tables->run(select_sales, {});
        }
        log.execute("BEGIN");
        identity = db::text(log.run(select_identity, {})[0][0]);
        const db::Rows first = log.run(select_first, {});
        if (!tables) return true;

        const std::int64_t position = position_of(*tables, identity);
        Connection later(tables_file(data_dir), Mode::read_only);
        const bool same_sales = later.run(select_sales, {}).rows == sales.rows;
        const bool none_removed =
            (!db::is_null(first[0][0]) && db::integer(first[0][0]) <= position + 1) ||
            position_of(later, identity) == position;
        return same_sales && none_removed;
    }
};

void copy_rows(Connection& from, std::string_view select, Connection& to, std::string_view insert,
               const std::stop_token& stop) {
    db::sqlite::Statement& rows = from.prepare(select);
    db::Values row(8);
    while (rows.step()) {
        if (stop.stop_requested()) throw core::Unavailable("the backup was stopped");
        for (int column = 0; column < 8; ++column) {
            row[static_cast<std::size_t>(column)] = rows.value(column);
        }
        to.change(insert, row);
    }
}

BackupSummary read_about(Connection& archive, const std::string& file) {
    const std::string no_backup = file + " is no backup made by `souk backup`";
    db::Rows rows;
    try {
        rows = archive.run(select_about, {});
    } catch (const std::exception&) {
        throw std::runtime_error(no_backup + ", or it is damaged");
    }
    if (rows.size() != 1) throw std::runtime_error(no_backup);
    const db::Values& row = rows[0];
    if (db::integer(row[0]) != format) {
        throw std::runtime_error(file + " was made by a newer souk; restore it with that one");
    }
    return {.has_tables = db::integer(row[3]) != 0,
            .orders = db::integer(row[4]),
            .log_records = db::integer(row[5]),
            .made_at_ms = db::integer(row[1]),
            .log = db::text(row[2]),
            .restored_log = {}};
}

// Throws unless everything is there and can be used by this program.
void check(Connection& archive, const BackupSummary& about, const std::string& file) {
    const db::Rows integrity = archive.run("PRAGMA integrity_check", {});
    if (integrity.size() != 1 || db::text(integrity[0][0]) != "ok")
        throw std::runtime_error(file + " is damaged: " + db::text(integrity[0][0]));
    const bool whole = number(archive, count_kept_log) == about.log_records &&
                       (!about.has_tables || number(archive, count_orders) == about.orders);
    if (!whole) throw std::runtime_error(file + " is damaged: records are missing");
    if (!about.has_tables) return;
    std::vector<db::Applied> applied;
    for (const db::Values& row : archive.run(select_migrations, {}).rows) {
        applied.push_back({db::integer(row[0]), db::text(row[1])});
    }
    db::missing(migrations(), applied, db::Dialect::sqlite);  // throws when it knows more than we
}

void restore_tables(Connection& archive, const std::string& part) {
    db::sqlite::copy_into(archive, part);
    Connection tables(part, Mode::read_write);
    tables.execute(drop_tables);
}

void restore_log(Connection& archive, BackupSummary& about, const std::string& part,
                 const core::Clock& clock, core::Random& random) {
    about.restored_log = about.log;
    {
        const SqliteOrderLog empty({.file = part, .key_life = {}}, clock, random);
        if (!about.has_tables) about.restored_log = empty.identity();
    }
    Connection log(part, Mode::read_write);
    log.execute("BEGIN IMMEDIATE");
    if (about.has_tables) log.run(update_identity, db::values(about.log));
    copy_rows(archive, select_kept_log, log, insert_record, {});
    about.newest_position = number(log, select_newest);
    log.execute("COMMIT");
}

}  // namespace

BackupSummary back_up(const std::string& data_dir, bool has_tables, const std::string& file,
                      const core::Clock& clock, const std::stop_token& stop) {
    NewFile target(file);
    Moment moment(data_dir, has_tables);
    BackupSummary made;
    made.has_tables = has_tables;
    made.made_at_ms = core::to_ms(clock.now());
    made.log = moment.identity;
    if (has_tables) {
        db::sqlite::copy_into(*moment.tables, target.part(), stop);
        made.orders = number(*moment.tables, count_orders);
    }
    {
        Connection archive(target.part(), Mode::read_write);
        archive.execute("BEGIN IMMEDIATE");
        archive.execute(create_tables);
        copy_rows(moment.log, select_log, archive, insert_kept_record, stop);
        made.log_records = number(archive, count_kept_log);
        archive.run(insert_about, db::values(format, made.made_at_ms, moment.identity,
                                             has_tables ? 1 : 0, made.orders, made.log_records));
        archive.execute("COMMIT");
        archive.execute("PRAGMA journal_mode = DELETE");  // one file, without a WAL beside it
    }
    target.keep();
    return made;
}

BackupSummary restore(const std::string& file, const std::string& data_dir,
                      const std::function<void(const BackupSummary&)>& begin,
                      const core::Clock& clock, core::Random& random) {
    if (!exists(file)) throw std::runtime_error(file + ": there is no such file");
    Connection archive(file, Mode::read_only);
    BackupSummary about = read_about(archive, file);
    check(archive, about, file);
    begin(about);

    NewFile log(log_file(data_dir));
    restore_log(archive, about, log.part(), clock, random);
    // Tables first: without their log nothing can be sold on them by mistake.
    if (about.has_tables) {
        NewFile tables(tables_file(data_dir));
        restore_tables(archive, tables.part());
        tables.keep();
    }
    log.keep();
    return about;
}

}  // namespace souk::flash
