// Statements and the values that go into and come out of them.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace souk::db {

// A named constant in a room's store: parameters are $1, $2, ...; the text is a literal. Where the
// engines need different text, both stand side by side.
struct Sql {
    consteval Sql(const char* both)
        : sqlite(both), postgres(both) {}  // NOLINT: meant to be implicit
    consteval Sql(const char* for_sqlite, const char* for_postgres)
        : sqlite(for_sqlite), postgres(for_postgres) {}

    const char* sqlite;
    const char* postgres;
};

struct Null {
    bool operator==(const Null&) const = default;
};

using Value = std::variant<Null, std::int64_t, double, std::string>;
using Values = std::vector<Value>;

template <typename T>
Value to_value(T&& value) {
    using Plain = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<Plain, Value>) {
        return std::forward<T>(value);
    } else if constexpr (std::is_same_v<Plain, Null>) {
        return Null{};
    } else if constexpr (std::is_integral_v<Plain>) {
        return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_floating_point_v<Plain>) {
        return static_cast<double>(value);
    } else {
        return std::string(std::forward<T>(value));
    }
}

template <typename... Args>
Values values(Args&&... args) {
    Values list;
    list.reserve(sizeof...(args));
    (list.push_back(to_value(std::forward<Args>(args))), ...);
    return list;
}

// A statement with its values, as one step of Database::write_all.
struct Statement {
    Sql sql;
    Values values;
};

template <typename... Args>
Statement statement(Sql sql, Args&&... args) {
    return {sql, values(std::forward<Args>(args)...)};
}

// What a statement gave: its rows, and how many rows it changed.
struct Rows {
    std::vector<Values> rows;
    std::int64_t changed = 0;

    bool empty() const { return rows.empty(); }
    std::size_t size() const { return rows.size(); }
    const Values& operator[](std::size_t i) const { return rows[i]; }
};

// Reads one cell; throws std::bad_variant_access when the column holds something else.
inline std::int64_t integer(const Value& value) { return std::get<std::int64_t>(value); }
inline const std::string& text(const Value& value) { return std::get<std::string>(value); }
inline bool is_null(const Value& value) { return std::holds_alternative<Null>(value); }

// The engine refused this statement with these values (constraint, type, encoding): trying again
// cannot help. Everything that may pass by itself is a core::Unavailable instead.
class Refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace souk::db
