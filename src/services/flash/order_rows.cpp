#include "services/flash/order_rows.h"

#include "platform/core/hash.h"

namespace souk::flash {
namespace {

constexpr int orders_per_bucket_bits = 16;

}  // namespace

db::Values order_row(const OrderRecord& order, const Written& written) {
    return db::values(core::to_string(order.id), order.product_id, order.user_id,
                      order.accepted_at_ms, written.updated_at_ms, name(written.state), order.epoch,
                      order.key, core::stable_hash(order.key),
                      written.position >> orders_per_bucket_bits);
}

}  // namespace souk::flash
