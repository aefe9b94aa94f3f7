// How an order stands in the table of orders, whoever writes it there.
#pragma once

#include "platform/db/sql.h"
#include "services/flash/types.h"

#include <cstdint>

namespace souk::flash {

inline constexpr db::Sql insert_order = R"(
    INSERT INTO orders (id, product_id, user_id, accepted_at, updated_at, state, epoch,
                        idempotency_key, key_hash, key_bucket)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING)";

// What becomes of an order in its row, and where its record stood in the log.
struct Written {
    OrderState state;
    std::int64_t updated_at_ms;
    std::int64_t position;
};

db::Values order_row(const OrderRecord& order, const Written& written);

}  // namespace souk::flash
