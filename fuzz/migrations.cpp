// Which migrations are applied, and what a failing one leaves behind. Two bytes of an input are one
// migration: its number, and which statements its file holds; a zero byte ends one version of the
// program and begins the next, which finds the database the one before it left.
#include "fuzz/support/property.h"
#include "platform/db/migration_plan.h"
#include "platform/db/sqlite/migrate.h"
#include "platform/testing/temporary_folder.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace souk::fuzz {
namespace {

// Bits of a file's byte choose from these; some cannot be carried out, or not twice, or not here.
constexpr std::array<std::string_view, 8> statements = {
    "CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT);\n",
    "INSERT INTO a (y) VALUES ('one'), ('two');\n",
    "CREATE TABLE IF NOT EXISTS b (x);\n",
    "ALTER TABLE a ADD COLUMN z;\n",
    "-- only a comment; with a semicolon\n",
    "DROP TABLE a;\n",
    "INSERT INTO missing VALUES (1);\n",
    "this is no SQL;\n"};

struct File {
    int number;
    std::string text;
};
using Version = std::vector<File>;

std::string text_of_file(unsigned byte) {
    std::string text = "-- " + std::to_string(byte) + "\n";
    for (unsigned bit = 0; bit < statements.size(); ++bit) {
        if (byte & (1U << bit)) text += statements[bit];
    }
    return text;
}

std::vector<Version> versions_of(std::string_view input) {
    std::vector<Version> versions(1);
    for (std::size_t i = 0; i + 1 < input.size() && versions.size() < 8; i += 2) {
        const auto number = static_cast<unsigned char>(input[i]);
        if (number == 0) {
            versions.emplace_back();
            continue;
        }
        Version& files = versions.back();
        const bool is_taken = std::any_of(files.begin(), files.end(), [number](const File& file) {
            return file.number == number;
        });
        if (!is_taken && files.size() < 12)
            files.push_back({number, text_of_file(static_cast<unsigned char>(input[i + 1]))});
    }
    return versions;
}

std::vector<db::Migration> list_of(const Version& files) {
    std::vector<db::Migration> list;
    for (const File& file : files) list.push_back({file.number, "step", file.text, file.text});
    return list;
}

using Applied = std::map<std::int64_t, std::string>;  // number to checksum

Applied applied_in(db::sqlite::Connection& connection) {
    const db::Rows tables =
        connection.run("SELECT name FROM sqlite_master WHERE name = 'souk_migrations'", {});
    Applied applied;
    if (tables.empty()) return applied;
    for (const db::Values& row :
         connection.run("SELECT number, checksum FROM souk_migrations", {}).rows)
        applied[db::integer(row[0])] = db::text(row[1]);
    return applied;
}

bool is_known_as_it_was(const Applied& applied, const Version& files) {
    return std::all_of(applied.begin(), applied.end(), [&](const auto& one) {
        return std::any_of(files.begin(), files.end(), [&](const File& file) {
            return file.number == one.first && db::checksum(file.text) == one.second;
        });
    });
}

// The plan against its own words: sorted, complete, nothing twice.
void check_plan(const Version& files, const Applied& applied) {
    const std::vector<db::Migration> known = list_of(files);
    std::vector<db::Applied> rows;
    for (const auto& [number, checksum] : applied) rows.push_back({number, checksum});
    bool is_refused = false;
    std::vector<db::Migration> plan;
    try {
        plan = db::missing(known, rows, db::Dialect::sqlite);
    } catch (const std::runtime_error&) {
        is_refused = true;
    }
    must(is_refused != is_known_as_it_was(applied, files), "only strange databases are refused");
    if (is_refused) return;
    must(plan.size() + applied.size() == files.size(), "what is not applied is planned");
    for (std::size_t i = 0; i < plan.size(); ++i) {
        must(!applied.contains(plan[i].number), "nothing is planned twice");
        must(i == 0 || plan[i - 1].number < plan[i].number, "the plan is in order");
    }
}

void start(db::sqlite::Connection& connection, const Version& files) {
    const Applied before = applied_in(connection);
    check_plan(files, before);
    const std::vector<db::Migration> known = list_of(files);
    bool is_done = false;
    try {
        const int count = db::sqlite::migrate(connection, known);
        is_done = true;
        must(count == static_cast<int>(files.size() - before.size()), "all are applied, once");
    } catch (const std::exception& refused) {
        must(*refused.what() != '\0', "a refusal says why");
    }
    must(!connection.in_transaction(), "no transaction stays open");
    const Applied after = applied_in(connection);
    must(!is_done || after.size() == files.size(), "what was applied is remembered");
    must(std::includes(after.begin(), after.end(), before.begin(), before.end()),
         "nothing is lost");
    if (is_done) must(db::sqlite::migrate(connection, known) == 0, "nothing is applied twice");
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souk;
    static const testing::TemporaryFolder folder;
    static db::sqlite::Connection connection(folder.path() / "rows.db",
                                             db::sqlite::Mode::read_write);
    for (const fuzz::Version& files : fuzz::versions_of(fuzz::text_of(data, size)))
        fuzz::start(connection, files);
    connection.execute(
        "DROP TABLE IF EXISTS a; DROP TABLE IF EXISTS b; DROP TABLE IF EXISTS souk_migrations");
    return 0;
}
