// Puts orders that could not be written into their table, once what stood against it is mended.
#pragma once

#include "platform/core/task.h"
#include "platform/db/database.h"
#include "services/flash/types.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::flash {

struct Retried {
    std::size_t written = 0;     // orders that are in the table now
    std::size_t unreadable = 0;  // records no order can be read from: they stay
    std::string refusal;         // why the database refused again: those stay as well
};

// Every dead letter at this position of a log; all is 0 when there is none.
core::Task<Retried> retry_dead_letters(db::Database& database, std::int64_t position,
                                       std::int64_t now_ms);

struct DeadOrder {
    OrderRecord record;
    std::optional<std::int64_t> cancelled_at_ms;
};

// The order that Store::bury described; nullopt for a record that was unreadable already in the
// log, or that held characters which had to be described in other words.
std::optional<DeadOrder> read_dead_letter(std::string_view text);

// When the order was cancelled, also where the rest of the record was left out; nullopt when it
// was not.
std::optional<std::int64_t> read_cancelled_at(std::string_view text);

}  // namespace souk::flash
