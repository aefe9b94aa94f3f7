// Cells that an older program may have left empty.
#pragma once

#include "platform/db/sql.h"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace souk::store {

inline std::int64_t integer_or_0(const db::Value& value) {
    return db::is_null(value) ? 0 : db::integer(value);
}

inline std::string text_or_empty(db::Value value) {
    return db::is_null(value) ? std::string() : std::get<std::string>(std::move(value));
}

}  // namespace souk::store
