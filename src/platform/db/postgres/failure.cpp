#include "platform/db/postgres/failure.h"

#include <algorithm>
#include <array>

namespace souk::db::postgres {
namespace {

bool may_pass(std::string_view sqlstate) {
    // Connection, authorization at connect, rollback, resources, state, intervention, system,
    // internal.
    constexpr std::array<std::string_view, 10> classes{"08", "28", "3D", "40", "53",
                                                       "55", "57", "58", "F0", "XX"};
    constexpr std::string_view idle_in_transaction = "25P03";
    constexpr std::string_view read_only_server = "25006";
    if (sqlstate == "08P01") return false;  // wrong number of values
    return std::ranges::find(classes, sqlstate.substr(0, 2)) != classes.end() ||
           sqlstate == idle_in_transaction || sqlstate == read_only_server ||
           spoils_connection(sqlstate);
}

bool is_refusal(std::string_view sqlstate) {
    // Data, constraint, check option, raised by a function, limits.
    constexpr std::array<std::string_view, 5> classes{"22", "23", "44", "P0", "54"};
    return std::ranges::find(classes, sqlstate.substr(0, 2)) != classes.end();
}

}  // namespace

bool spoils_connection(std::string_view sqlstate) {
    return sqlstate == "0A000" ||
           sqlstate == "26000";  // plan must not change; unknown prepared statement
}

Failure failure(std::string_view sqlstate, const std::string& message, std::string_view sql) {
    const std::string text = "PostgreSQL: " + message + " (SQLSTATE " + std::string(sqlstate) + ")";
    if (sqlstate.empty() || may_pass(sqlstate)) return Failure::unavailable(text);
    if (is_refusal(sqlstate)) return Failure::refused(text);
    return Failure::mistake(text + " in: " + std::string(sql));
}

}  // namespace souk::db::postgres
