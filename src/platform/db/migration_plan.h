// Which migrations are still to be applied; the same rules for every engine.
#pragma once

#include "platform/db/migrations.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace souk::db {

// A migration as it stands in souk_migrations.
struct Applied {
    std::int64_t number;
    std::string checksum;
};

enum class Dialect { sqlite, postgres };

// The statements about what was applied of one set. Throws std::logic_error when its name cannot be
// part of a table's.
struct Notes {
    Notes(Migrations migrations, Dialect dialect);

    const std::string create;
    const std::string select;  // number and checksum of each
    const std::string insert;  // number, name, checksum, applied_at
};

std::string_view text_of(const Migration& migration, Dialect dialect);

// Tells one text from another, to notice that an applied file was edited; not made against
// attackers.
std::string checksum(std::string_view text);

// The migrations not applied yet, in order. Throws std::runtime_error when an applied one has
// changed since, or when the database has one this program does not know.
std::vector<Migration> missing(Migrations known, std::span<const Applied> applied, Dialect dialect);

}  // namespace souk::db
