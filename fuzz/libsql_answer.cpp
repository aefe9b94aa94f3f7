// What a server that calls itself libSQL answers. It is refused in words, as a database that does
// not answer is, or it is read and says what was written there.
#include "fuzz/support/property.h"
#include "platform/core/error.h"
#include "platform/core/escape.h"
#include "platform/db/libsql/answer.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace souk::fuzz {
namespace {

namespace json = boost::json;
namespace libsql = db::libsql;

constexpr std::size_t steps_max = 6;  // tried, of one batch

// Nothing when the answer is refused; every other exception is a fault and ends the program.
template <typename Read>
auto unless_refused(Read read) -> std::optional<decltype(read())> {
    try {
        return read();
    } catch (const core::Unavailable& refused) {
        must(std::string_view(refused.what()).starts_with("libSQL: "), "a refusal says why");
        return std::nullopt;
    }
}

json::object to_json(const db::Value& value) {
    if (const auto* const text = std::get_if<std::string>(&value))
        return {
            {"type",  "text"},
            {"value", *text }
        };
    if (const auto* const integer = std::get_if<std::int64_t>(&value))
        return {
            {"type",  "integer"               },
            {"value", std::to_string(*integer)}
        };
    if (const auto* const real = std::get_if<double>(&value))
        return {
            {"type",  "float"},
            {"value", *real  }
        };
    return {
        {"type", "null"}
    };
}

json::value to_json(const db::Rows& rows) {
    json::array list;
    for (const db::Values& row : rows.rows) {
        json::array cells;
        for (const db::Value& value : row) cells.push_back(to_json(value));
        list.push_back(std::move(cells));
    }
    return json::object{
        {"rows",               std::move(list)},
        {"affected_row_count", rows.changed   }
    };
}

// Boost reads numbers to the last digit but one.
bool are_alike(const db::Value& a, const db::Value& b) {
    const auto* const first = std::get_if<double>(&a);
    const auto* const second = std::get_if<double>(&b);
    if (first == nullptr || second == nullptr) return a == b;
    return std::abs(*first - *second) <= std::max(std::abs(*first), 1e-280) * 1e-14;
}

bool are_alike(const std::vector<db::Values>& a, const std::vector<db::Values>& b) {
    return std::ranges::equal(a, b, [](const db::Values& first, const db::Values& second) {
        return std::ranges::equal(first, second, [](const db::Value& one, const db::Value& other) {
            return are_alike(one, other);
        });
    });
}

void check_rows(const db::Rows& rows, const json::value& result) {
    const json::array& sent = result.at("rows").as_array();
    must(rows.size() == sent.size(), "every row is read");
    must(rows.changed == result.at("affected_row_count"), "and how many have changed");
    for (std::size_t i = 0; i < sent.size(); ++i) {
        must(rows[i].size() == sent[i].as_array().size(), "every cell is read");
        for (const db::Value& value : rows[i]) {
            const auto* const text = std::get_if<std::string>(&value);
            must(text == nullptr || core::is_utf8(*text), "text is text");
        }
    }
    const json::object again{
        {"result", to_json(rows)}
    };
    const json::value written = json::parse(json::serialize(again));
    const auto same = unless_refused([&] { return libsql::read_rows(written); });
    // The largest number may have become more than any.
    must(!same || are_alike(same->rows, rows.rows), "what is written again is the same",
         json::serialize(again));
}

void check_trouble(const libsql::Trouble& trouble) {
    const db::Failure failure = trouble.failure("SELECT 1");
    must(failure.message.find(trouble.message) != std::string::npos, "a failure says what it is");
    must(failure.kind != db::Failure::Kind::other, "and how to take it");
    using enum db::Failure::Kind;
    must(!trouble.is_busy() || failure.kind != mistake, "what may pass is nobody's mistake",
         failure.message);
}

void check_steps(const libsql::Steps& steps, const json::value& result) {
    for (std::size_t i = 0; i < steps.done.size(); ++i) {
        if (steps.done[i]) check_rows(*steps.done[i], result.at("step_results").at(i));
        if (steps.failed[i]) check_trouble(*steps.failed[i]);
    }
    const auto first = unless_refused([&] { return steps.first_failed_at(); });
    must(!first || steps.failed[*first].has_value(), "what failed first has failed");
}

void check_response(const json::value& response) {
    if (const auto rows = unless_refused([&] { return libsql::read_rows(response); }))
        check_rows(*rows, response.at("result"));
    for (std::size_t count = 0; count <= steps_max; ++count) {
        const auto steps = unless_refused([&] { return libsql::read_steps(response, count); });
        if (!steps) continue;
        must(steps->done.size() == count && steps->failed.size() == count, "no step is missing");
        check_steps(*steps, response.at("result"));
    }
}

void run(std::string_view body) {
    const auto answer = unless_refused([&] { return libsql::read_answer(body); });
    if (!answer) return;
    must(answer->results.size() == json::parse(body).at("results").as_array().size(),
         "every result is read");
    for (const libsql::Result& each : answer->results) {
        if (each.trouble)
            check_trouble(*each.trouble);
        else
            check_response(each.response);
    }
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    souk::fuzz::run(souk::fuzz::text_of(data, size));
    return 0;
}
