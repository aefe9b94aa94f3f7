#include "platform/db/postgres/unit.h"

#include <algorithm>
#include <string>
#include <utility>

namespace souk::db::postgres {
namespace {

bool has_zero_byte(const Value& value) {
    const auto* const text = std::get_if<std::string>(&value);
    return text != nullptr && text->find('\0') != std::string::npos;
}

}  // namespace

Unit Unit::of(const char* sql, Values values) {
    std::vector<Values> rows;
    rows.push_back(std::move(values));
    return of(sql, std::move(rows));
}

Unit Unit::of(const char* sql, std::vector<Values> rows) {
    Unit unit;
    unit.parts.push_back({sql, std::move(rows)});
    return unit;
}

Unit Unit::of(std::vector<Statement> statements) {
    Unit unit;
    unit.parts.reserve(statements.size());
    for (Statement& each : statements) {
        unit.parts.push_back({each.sql.postgres, {}});
        unit.parts.back().rows.push_back(std::move(each.values));
    }
    return unit;
}

const char* Unit::statement(std::size_t execution) const {
    for (const Executions& part : parts) {
        if (execution < part.rows.size()) return part.sql;
        execution -= part.rows.size();
    }
    return "COMMIT";
}

bool Unit::is_sendable() const {
    return std::ranges::none_of(parts, [](const Executions& part) {
        return std::ranges::any_of(
            part.rows, [](const Values& row) { return std::ranges::any_of(row, &has_zero_byte); });
    });
}

}  // namespace souk::db::postgres
