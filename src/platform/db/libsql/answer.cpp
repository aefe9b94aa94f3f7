#include "platform/db/libsql/answer.h"

#include "platform/core/error.h"
#include "platform/db/libsql/failure.h"

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace souk::db::libsql {
namespace {

namespace json = boost::json;

[[noreturn]] void misunderstood(std::string_view what) {
    throw core::Unavailable("libSQL: an answer that is not understood: " + std::string(what));
}

const json::value& member(const json::value& object, std::string_view name) {
    const json::object* const members = object.if_object();
    const json::value* const found = members == nullptr ? nullptr : members->if_contains(name);
    if (found == nullptr) misunderstood("no " + std::string(name));
    return *found;
}

const json::array& list(const json::value& object, std::string_view name) {
    const json::array* const found = member(object, name).if_array();
    if (found == nullptr) misunderstood(std::string(name) + " is no list");
    return *found;
}

std::string text(const json::value& object, std::string_view name) {
    const json::string* const found = member(object, name).if_string();
    if (found == nullptr) misunderstood(std::string(name) + " is no text");
    return std::string(*found);
}

// Absent, null and text of no kind are all the same to us.
std::optional<std::string> text_if_any(const json::value& object, std::string_view name) {
    const json::object* const members = object.if_object();
    const json::value* const found = members == nullptr ? nullptr : members->if_contains(name);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string(found->get_string());
}

std::int64_t to_integer(std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size())
        misunderstood("an integer is no number");
    return number;
}

Value read_value(const json::value& cell) {
    const std::string type = text(cell, "type");
    if (type == "null") return Null{};
    if (type == "text") return text(cell, "value");
    if (type == "integer") return to_integer(text(cell, "value"));
    if (type != "float") misunderstood("a value is " + type);
    const json::value& number = member(cell, "value");
    const double real = number.is_number() ? number.to_number<double>() : NAN;
    if (!std::isfinite(real)) misunderstood("a float is no number");
    return real;
}

Rows read_result(const json::value& result) {
    Rows rows;
    const json::array& found = list(result, "rows");
    rows.rows.reserve(found.size());
    for (const json::value& row : found) {
        if (!row.is_array()) misunderstood("a row is no list");
        Values cells;
        cells.reserve(row.get_array().size());
        for (const json::value& cell : row.get_array()) cells.push_back(read_value(cell));
        rows.rows.push_back(std::move(cells));
    }
    const json::value& changed = member(result, "affected_row_count");
    if (!changed.is_int64()) misunderstood("affected_row_count is no number");
    rows.changed = changed.get_int64();
    return rows;
}

Trouble read_trouble(const json::value& error) {
    return {text_if_any(error, "code").value_or(""),
            text_if_any(error, "message").value_or("no message")};
}

}  // namespace

bool Trouble::is_busy() const { return libsql::is_busy(code, message); }

Failure Trouble::failure(std::string_view sql) const { return libsql::failure(code, message, sql); }

Answer read_answer(std::string_view body) {
    boost::system::error_code error;
    const json::value document = json::parse(body, error);
    if (error) misunderstood("it is no JSON");
    Answer answer;
    answer.baton = text_if_any(document, "baton");
    answer.base_url = text_if_any(document, "base_url");
    for (const json::value& each : list(document, "results")) {
        const std::string type = text(each, "type");
        if (type == "ok") {
            answer.results.push_back({std::nullopt, member(each, "response")});
        } else if (type == "error") {
            answer.results.push_back({read_trouble(member(each, "error")), {}});
        } else {
            misunderstood("a result is " + type);
        }
    }
    return answer;
}

Rows read_rows(const json::value& response) { return read_result(member(response, "result")); }

Steps read_steps(const json::value& response, std::size_t count) {
    const json::value& result = member(response, "result");
    const json::array& done = list(result, "step_results");
    const json::array& failed = list(result, "step_errors");
    if (done.size() != count || failed.size() != count) misunderstood("steps are missing");
    Steps steps;
    for (std::size_t i = 0; i < count; ++i) {
        steps.done.push_back(done[i].is_null() ? std::nullopt
                                               : std::optional(read_result(done[i])));
        steps.failed.push_back(failed[i].is_null() ? std::nullopt
                                                   : std::optional(read_trouble(failed[i])));
    }
    return steps;
}

Rows Steps::take(std::size_t step) {
    if (!done.at(step)) misunderstood("a step was left out, and the next was not");
    return std::move(*done[step]);
}

std::size_t Steps::first_failed_at() const {
    const auto found =
        std::ranges::find_if(failed, [](const auto& each) { return each.has_value(); });
    if (found == failed.end()) misunderstood("neither done nor failed");
    return static_cast<std::size_t>(found - failed.begin());
}

}  // namespace souk::db::libsql
