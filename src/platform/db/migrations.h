// Numbered SQL files, embedded in the binary: 001_orders.sql for both engines, or
// 001_orders.sqlite.sql and 001_orders.postgres.sql where they must differ.
#pragma once

#include <concepts>
#include <span>
#include <string_view>

namespace souk::db {

struct Migration {
    int number;
    std::string_view name;
    std::string_view sqlite;
    std::string_view postgres;
};

// The migrations of one part of a database, applied in the order of their numbers. A service's own
// have no name. What the platform keeps beside the service's tables (its jobs) is a set with a name
// (a-z and _), so that both number from 1: what was applied is noted in souk_migrations, or in
// souk_migrations_NAME.
struct Migrations : std::span<const Migration> {
    Migrations() = default;

    template <typename List>
        requires std::convertible_to<const List&, std::span<const Migration>>
    constexpr Migrations(const List& list,
                         std::string_view set = {})  // NOLINT: meant to be implicit
        : std::span<const Migration>(list), name(set) {}

    std::string_view name;
};

}  // namespace souk::db
