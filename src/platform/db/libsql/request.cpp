#include "platform/db/libsql/request.h"

#include "platform/core/escape.h"

#include <cmath>
#include <string>
#include <utility>

namespace souk::db::libsql {
namespace {

namespace json = boost::json;

json::object to_json(const Value& value) {
    if (const auto* const text = std::get_if<std::string>(&value)) {
        if (text->find('\0') != std::string::npos)
            throw Refused("text with a zero byte cannot be stored");
        if (!core::is_utf8(*text)) throw Refused("text that is not UTF-8 cannot be stored");
        return {
            {"type",  "text"},
            {"value", *text }
        };
    }
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
        return {
            {"type",  "integer"               },
            {"value", std::to_string(*integer)}
        };
    }
    if (const auto* const real = std::get_if<double>(&value)) {
        if (!std::isfinite(*real)) throw Refused("a number that is not finite cannot be stored");
        return {
            {"type",  "float"},
            {"value", *real  }
        };
    }
    return {
        {"type", "null"}
    };
}

// By name, because SQLite numbers $2, $1 by first appearance and the number is what is meant.
json::object statement(std::string_view sql, const Values& values) {
    json::array arguments;
    arguments.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        arguments.push_back(json::object{
            {"name",  "$" + std::to_string(i + 1)},
            {"value", to_json(values[i])         }
        });
    }
    return {
        {"sql",        sql                 },
        {"named_args", std::move(arguments)},
        {"want_rows",  true                }
    };
}

json::object is_ok(std::size_t step) {
    return {
        {"type", "ok"},
        {"step", step}
    };
}

}  // namespace

json::object execute(std::string_view sql, const Values& values) {
    return {
        {"type", "execute"},
        {"stmt", statement(sql, values)}
    };
}

json::object sequence(std::string_view text) {
    return {
        {"type", "sequence"},
        {"sql",  text      }
    };
}

json::object close() {
    return {
        {"type", "close"}
    };
}

std::size_t Batch::add(std::string_view sql, const Values& values) {
    json::object step{
        {"stmt", statement(sql, values)}
    };
    const std::size_t number = steps_.size();
    if (number > 0) step["condition"] = is_ok(number - 1);
    steps_.push_back(std::move(step));
    texts_.push_back(sql);
    return number;
}

void Batch::otherwise(std::size_t step, std::string_view sql) {
    steps_.push_back(json::object{
        {"stmt", statement(sql, {})},
        {"condition", json::object{{"type", "not"}, {"cond", is_ok(step)}}}
    });
    texts_.push_back(sql);
}

json::object Batch::request() const {
    return {
        {"type",  "batch"                        },
        {"batch", json::object{{"steps", steps_}}}
    };
}

std::size_t add_begin(Batch& batch) {
    batch.add("PRAGMA foreign_keys = ON");
    return batch.add("BEGIN IMMEDIATE");
}

}  // namespace souk::db::libsql
