// JSON of the contract to types and back.
#pragma once

#include "platform/core/result.h"
#include "platform/json/read.h"
#include "platform/json/schema.h"
#include "services/flash/operations.h"
#include "services/flash/types.h"

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>

namespace souk::flash {

// Bodies clients send.
struct SaleBody {
    std::string_view product_id;
    std::int64_t quantity = 0;
};
struct OrderBody {
    std::string_view product_id;
    std::string_view user_id;
};
struct CancelBody {
    std::optional<std::string_view> user_id;
};

// Bodies we send.
struct OutcomeBody {
    std::string_view status;
    std::string_view msg;
};
struct ErrorBody {
    std::string_view error;
};
struct HealthBody {
    std::string_view status;
};
struct CapacityBody {
    std::string_view status;
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    std::int64_t retry_after_ms = 0;
};
struct StockBody {
    std::string_view status;
    std::string_view product_id;
    std::int64_t stock = 0;
};
struct StatusBody {
    std::string_view status;
    std::string order_id;
    std::string_view product_id;
    std::string_view state;
    std::int64_t accepted_at = 0;
    std::int64_t updated_at = 0;
};

struct NewSale {
    std::string product_id;
    std::int64_t quantity = 0;
};

// Reads only; whether an order is malformed is asked before the limiter, whether its fields are
// right after it (spec 2.3).
json::Reading<OrderBody> read_order(std::string_view body, std::pmr::memory_resource& memory);
core::Result<NewOrder> check_order(const json::Reading<OrderBody>& body, std::string_view key);

core::Result<NewSale> read_sale(std::string_view body, std::pmr::memory_resource& memory);
// The user id of a cancel; nullopt when none was sent.
core::Result<std::optional<std::string>> read_cancel(std::string_view body,
                                                     std::pmr::memory_resource& memory);

StatusBody status_body(const OrderStatus& order);

}  // namespace souk::flash

namespace souk::json {

template <>
inline constexpr auto shape<flash::SaleBody> = object(
    "Sale", field("productId", &flash::SaleBody::product_id, "product on sale", length(1, 128)),
    field("quantity", &flash::SaleBody::quantity, "units to sell", range(0, 2'147'483'647)));
template <>
inline constexpr auto shape<flash::OrderBody> =
    object("Order",
           field("productId", &flash::OrderBody::product_id, "product to buy one unit of",
                 length(1, 1'000'000)),
           field("userId", &flash::OrderBody::user_id, "who buys", length(1, 255)));
template <>
inline constexpr auto shape<flash::CancelBody> =
    object("Cancel", field("userId", &flash::CancelBody::user_id, "must be the order's"));
template <>
inline constexpr auto shape<flash::OutcomeBody> =
    object("Outcome", field("status", &flash::OutcomeBody::status),
           field("msg", &flash::OutcomeBody::msg));
template <>
inline constexpr auto shape<flash::ErrorBody> =
    object("Error", field("error", &flash::ErrorBody::error));
template <>
inline constexpr auto shape<flash::HealthBody> =
    object("Health", field("status", &flash::HealthBody::status));
template <>
inline constexpr auto shape<flash::CapacityBody> =
    object("Capacity", field("status", &flash::CapacityBody::status),
           field("limit", &flash::CapacityBody::limit, "requests per second; 0: no limit"),
           field("remaining", &flash::CapacityBody::remaining, "admissions free now; -1: no limit"),
           field("retryAfterMs", &flash::CapacityBody::retry_after_ms,
                 "milliseconds to the next free admission"));
template <>
inline constexpr auto shape<flash::StockBody> =
    object("Stock", field("status", &flash::StockBody::status),
           field("productId", &flash::StockBody::product_id),
           field("stock", &flash::StockBody::stock, "units left", range(0, 2'147'483'647)));
template <>
inline constexpr auto shape<flash::StatusBody> =
    object("OrderStatus", field("status", &flash::StatusBody::status),
           field("orderId", &flash::StatusBody::order_id),
           field("productId", &flash::StatusBody::product_id),
           field("state", &flash::StatusBody::state, "pending, confirmed, cancelled or failed"),
           field("acceptedAt", &flash::StatusBody::accepted_at, "Unix milliseconds"),
           field("updatedAt", &flash::StatusBody::updated_at, "Unix milliseconds"));

}  // namespace souk::json
