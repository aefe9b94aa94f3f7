#include "platform/db/postgres/values.h"

#include <charconv>
#include <stdexcept>

namespace souk::db::postgres {
namespace {

// Object ids of built-in types never change (catalog/pg_type.dat).
enum TypeId : Oid {
    type_bool = 16,
    type_int8 = 20,
    type_int2 = 21,
    type_int4 = 23,
    type_float4 = 700,
    type_float8 = 701
};

template <typename Number>
const char* write(std::array<char, 32>& into, Number number) {
    const auto [end, error] = std::to_chars(into.data(), into.data() + into.size() - 1, number);
    *end = '\0';  // 31 characters hold every int64 and the shortest form of every double
    return into.data();
}

template <typename Number>
Number parse(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw std::logic_error("PostgreSQL sent a number we cannot read: " + std::string(text));
    }
    return number;
}

Value read_value(const PGresult& result, int row, int column) {
    if (::PQgetisnull(&result, row, column) != 0) return Null{};
    const std::string_view text(::PQgetvalue(&result, row, column),
                                static_cast<std::size_t>(::PQgetlength(&result, row, column)));
    switch (::PQftype(&result, column)) {
        case type_int2:
        case type_int4:
        case type_int8:
            return parse<std::int64_t>(text);
        case type_float4:
        case type_float8:
            return parse<double>(text);
        case type_bool:
            return static_cast<std::int64_t>(text == "t");
        default:
            return std::string(text);
    }
}

// The command tag counts the rows of a SELECT as well; those are not changed.
std::int64_t changed_rows(const PGresult& result) {
    auto* const ours =
        const_cast<PGresult*>(&result);  // libpq takes it without const and only reads
    const std::string_view tag = ::PQcmdStatus(ours);
    if (!tag.starts_with("INSERT") && !tag.starts_with("UPDATE") && !tag.starts_with("DELETE"))
        return 0;
    return parse<std::int64_t>(::PQcmdTuples(ours));
}

}  // namespace

void Parameters::set(const Values& values) {
    texts_.assign(values.size(), nullptr);
    numbers_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (const auto* text = std::get_if<std::string>(&values[i])) {
            texts_[i] = text->c_str();
        } else if (const auto* integer = std::get_if<std::int64_t>(&values[i])) {
            texts_[i] = write(numbers_[i], *integer);
        } else if (const auto* real = std::get_if<double>(&values[i])) {
            texts_[i] = write(numbers_[i], *real);
        }
    }
}

Rows read_rows(const PGresult& result) {
    Rows rows;
    const int count = ::PQntuples(&result);
    const int columns = ::PQnfields(&result);
    rows.rows.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
        Values cells;
        cells.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column)
            cells.push_back(read_value(result, row, column));
        rows.rows.push_back(std::move(cells));
    }
    rows.changed = changed_rows(result);
    return rows;
}

}  // namespace souk::db::postgres
