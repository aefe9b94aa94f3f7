#include "platform/json/schema.h"

#include <limits>

namespace souk::json::detail {
namespace {

void bound(std::string_view name, std::int64_t value, Output& out) {
    out += ",\"";
    out += name;
    out += "\":";
    write(value, out);
}

}  // namespace

void schema_text(std::string_view type, const Rules& rules, Output& out) {
    const bool list = type == "array";
    out += "{\"type\":";
    write(type, out);
    if (rules.least != std::numeric_limits<std::int64_t>::min()) bound("minimum", rules.least, out);
    if (rules.most != std::numeric_limits<std::int64_t>::max()) bound("maximum", rules.most, out);
    if (rules.length_min > 0) {
        bound(list ? "minItems" : "minLength", static_cast<std::int64_t>(rules.length_min), out);
    }
    if (rules.length_max != std::numeric_limits<std::size_t>::max()) {
        bound(list ? "maxItems" : "maxLength", static_cast<std::int64_t>(rules.length_max), out);
    }
}

}  // namespace souk::json::detail
