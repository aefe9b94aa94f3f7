// The nouns of flash: a sale, an order, and what happens to them.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/uuid.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::flash {

using OrderId = core::Uuid;

// Counts the sales of one product: every /init starts the next. An order belongs to the sale that
// admitted it (F1).
using Epoch = std::uint32_t;

struct Sale {
    std::string product_id;
    Epoch epoch = 0;
    std::int64_t stock = 0;
    std::optional<std::int64_t> quantity =
        {};  // what /init gave; a row of an old version is silent
};

// What became of a sale since it began, or since this program started.
struct SaleFigures {
    std::string product_id;
    Epoch epoch = 0;
    std::optional<std::int64_t> quantity;  // as in Sale
    std::int64_t left = 0;
    std::int64_t accepted = 0;  // without those whose hand-over failed, with the cancelled ones
    std::int64_t sold_out = 0;
    std::int64_t duplicates = 0;
};

// An order as a client asks for it. The texts lie in the request's memory.
struct NewOrder {
    std::string_view product_id;
    std::string_view user_id;
    std::string_view key;  // x-idempotency-key
};

// An accepted order as the log keeps it.
struct OrderRecord {
    OrderId id;
    std::string product_id;
    std::string user_id;
    std::string key;
    Epoch epoch = 0;
    std::int64_t accepted_at_ms = 0;
};

enum class OrderState {
    pending,    // accepted, not yet in the database
    confirmed,  // its row is committed
    cancelled,
    failed  // accepted, but the product's row had no unit for it: in reconciliation (F11)
};

std::string_view name(OrderState state);

// What /status tells.
struct OrderStatus {
    OrderId id;
    std::string product_id;
    std::string user_id;
    OrderState state = OrderState::pending;
    std::int64_t accepted_at_ms = 0;
    std::int64_t updated_at_ms = 0;
};

struct Placed {
    OrderId id;
    bool is_duplicate = false;
};

enum class Cancelled { now, before };

}  // namespace souk::flash
