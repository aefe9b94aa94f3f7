#include "platform/db/migration_plan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace souk::db {

namespace {

std::string table_of(Migrations migrations) {
    const std::string_view name = migrations.name;
    if (name.empty()) return "souk_migrations";
    if (!std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }))
        throw std::logic_error("a set of migrations is named with a-z and _");
    return "souk_migrations_" + std::string(name);
}

}  // namespace

Notes::Notes(Migrations migrations, Dialect dialect)
    : create("CREATE TABLE IF NOT EXISTS " + table_of(migrations) +
             (dialect == Dialect::sqlite
                  ? " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,"
                    " applied_at INTEGER NOT NULL)"
                  : " (number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL,"
                    " applied_at BIGINT NOT NULL)")),
      select("SELECT number, checksum FROM " + table_of(migrations) + " ORDER BY number"),
      insert("INSERT INTO " + table_of(migrations) +
             " (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)") {}

std::string_view text_of(const Migration& migration, Dialect dialect) {
    return dialect == Dialect::sqlite ? migration.sqlite : migration.postgres;
}

std::string checksum(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;  // FNV-1a, 64 bits
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    std::array<char, 16> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16);
    return {digits.data(), end};
}

std::vector<Migration> missing(Migrations known, std::span<const Applied> applied,
                               Dialect dialect) {
    std::vector<Migration> wanted(known.begin(), known.end());
    std::ranges::sort(wanted, {}, &Migration::number);
    for (const Applied& done : applied) {
        const auto same =
            std::ranges::find(wanted, done.number, [](const Migration& m) { return m.number; });
        if (same == wanted.end()) {
            throw std::runtime_error(
                "the database has migration " + std::to_string(done.number) +
                ", which this program does not know: it was used by a newer one; run that");
        }
        if (checksum(text_of(*same, dialect)) != done.checksum) {
            throw std::runtime_error(
                "migration " + std::to_string(done.number) + " (" + std::string(same->name) +
                ") was changed after it had been applied; restore its text and put the "
                "change into a new migration");
        }
        wanted.erase(same);
    }
    return wanted;
}

}  // namespace souk::db
