// Numbered SQL files of a service, embedded in the binary: 001_orders.sql for both engines, or
// 001_orders.sqlite.sql and 001_orders.postgres.sql where they must differ.
#pragma once

#include <span>
#include <string_view>

namespace souk::db {

struct Migration {
    int number;
    std::string_view name;
    std::string_view sqlite;
    std::string_view postgres;
};

using Migrations = std::span<const Migration>;

}  // namespace souk::db
