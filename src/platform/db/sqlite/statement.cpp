// The Statement of connection.h.
#include "platform/core/error.h"
#include "platform/db/sqlite/connection.h"

#include <sqlite3.h>

#include <charconv>

namespace souk::db::sqlite {
namespace {

// The N of "$N" or "?N", 0 for anything else.
int parameter_number(const char* name) {
    if (name == nullptr || (name[0] != '$' && name[0] != '?')) return 0;
    const std::string_view digits(name + 1);
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size() && number > 0 ? number : 0;
}

}  // namespace

Statement::Statement(Connection& connection, std::string_view text)
    : connection_(connection), text_(text) {
    const int code =
        ::sqlite3_prepare_v3(connection.database_, text_.data(), static_cast<int>(text_.size()) + 1,
                             SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) connection.fail(code, text_);
    if (statement_ == nullptr) throw std::logic_error("empty SQL statement");

    // SQLite numbers $2, $1 by first appearance; the number in the name is what is meant.
    const int count = ::sqlite3_bind_parameter_count(statement_);
    places_.assign(static_cast<std::size_t>(count), 0);
    for (int i = 1; i <= count; ++i) {
        const int number = parameter_number(::sqlite3_bind_parameter_name(statement_, i));
        if (number < 1 || number > count) {
            ::sqlite3_finalize(statement_);
            throw std::logic_error("parameters must be $1 to $N without gaps in: " + text_);
        }
        places_[static_cast<std::size_t>(number) - 1] = i;
    }
}

Statement::~Statement() { ::sqlite3_finalize(statement_); }

int Statement::place(int number) const {
    if (number < 1 || static_cast<std::size_t>(number) > places_.size()) {
        throw std::logic_error("no parameter $" + std::to_string(number) + " in: " + text_);
    }
    return places_[static_cast<std::size_t>(number) - 1];
}

void Statement::check_bound(int code) const {
    if (code != SQLITE_OK) connection_.fail(code, text_);
}

void Statement::bind_integer(int number, std::int64_t value) {
    check_bound(::sqlite3_bind_int64(statement_, place(number), value));
}

void Statement::bind(int number, double value) {
    check_bound(::sqlite3_bind_double(statement_, place(number), value));
}

void Statement::bind(int number, std::string_view value) {
    if (value.find('\0') != std::string_view::npos)
        throw Refused("text with a zero byte cannot be stored");
    const char* data = value.data() == nullptr ? "" : value.data();  // nullptr would mean NULL
    check_bound(::sqlite3_bind_text64(statement_, place(number), data, value.size(), SQLITE_STATIC,
                                      SQLITE_UTF8));
}

void Statement::bind(int number, Null) {
    check_bound(::sqlite3_bind_null(statement_, place(number)));
}

void Statement::bind_value(int number, const Value& value) {
    if (const std::string* text = std::get_if<std::string>(&value)) {
        bind(number, std::string_view(*text));
    } else if (const std::int64_t* integer = std::get_if<std::int64_t>(&value)) {
        bind_integer(number, *integer);
    } else if (const double* real = std::get_if<double>(&value)) {
        bind(number, *real);
    } else {
        bind(number, Null());
    }
}

void Statement::bind_all(const Values& list) {
    if (list.size() != places_.size()) {
        throw std::logic_error(std::to_string(list.size()) + " values given, " +
                               std::to_string(places_.size()) + " wanted by: " + text_);
    }
    for (std::size_t i = 0; i < list.size(); ++i) bind_value(static_cast<int>(i) + 1, list[i]);
}

bool Statement::step() {
    const int code = ::sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    try {
        connection_.fail(code, text_);  // before the reset, which would replace the message
    } catch (...) {
        reset();
        throw;
    }
}

void Statement::reset() {
    ::sqlite3_reset(statement_);
}  // repeats the error step() has thrown already

int Statement::columns() const { return ::sqlite3_column_count(statement_); }

std::int64_t Statement::integer(int column) const {
    return ::sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const { return ::sqlite3_column_double(statement_, column); }

std::string_view Statement::text(int column) const {
    const unsigned char* data = ::sqlite3_column_text(statement_, column);
    if (data == nullptr) return {};
    return {reinterpret_cast<const char*>(data),
            static_cast<std::size_t>(::sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const {
    return ::sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Value Statement::value(int column) const {
    switch (::sqlite3_column_type(statement_, column)) {
        case SQLITE_INTEGER:
            return integer(column);
        case SQLITE_FLOAT:
            return real(column);
        case SQLITE_NULL:
            return Null{};
        default:
            return std::string(text(column));
    }
}

bool Statement::is_reading() const { return ::sqlite3_stmt_readonly(statement_) != 0; }

}  // namespace souk::db::sqlite
