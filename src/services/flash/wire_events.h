// The frames of /events (spec 7.5).
#pragma once

#include "platform/json/read.h"
#include "platform/json/write.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace souk::flash {

inline constexpr std::size_t subscriptions_max = 64;  // products, and orders as well

struct HelloFrame {
    std::string_view type = "hello";
    std::int64_t seq = 0;
    std::int64_t ts = 0;
    std::int64_t interval = 0;
};
struct InventoryFrame {
    std::string_view type = "inventory";
    std::int64_t seq = 0;
    std::int64_t ts = 0;
    std::string_view product_id;
    std::int64_t stock = 0;
};
struct InitFrame {
    std::string_view type = "init";
    std::int64_t seq = 0;
    std::int64_t ts = 0;
    std::string_view product_id;
    std::int64_t quantity = 0;
};
struct SoldOutFrame {
    std::string_view type = "sold_out";
    std::int64_t seq = 0;
    std::int64_t ts = 0;
    std::string_view product_id;
};
struct OrderFrame {
    std::string_view type = "order";
    std::int64_t seq = 0;
    std::int64_t ts = 0;
    std::string order_id;
    std::string_view state;
};

// What clients send.
struct SubscribeMessage {
    std::string type;
    std::vector<std::string> product_ids;
    std::vector<std::string> order_ids;
};

}  // namespace souk::flash

namespace souk::json {

template <>
inline constexpr auto shape<flash::HelloFrame> =
    object("Hello", field("type", &flash::HelloFrame::type), field("seq", &flash::HelloFrame::seq),
           field("ts", &flash::HelloFrame::ts), field("interval", &flash::HelloFrame::interval));
template <>
inline constexpr auto shape<flash::InventoryFrame> =
    object("InventoryChange", field("type", &flash::InventoryFrame::type),
           field("seq", &flash::InventoryFrame::seq), field("ts", &flash::InventoryFrame::ts),
           field("productId", &flash::InventoryFrame::product_id),
           field("stock", &flash::InventoryFrame::stock));
template <>
inline constexpr auto shape<flash::InitFrame> = object(
    "SaleStarted", field("type", &flash::InitFrame::type), field("seq", &flash::InitFrame::seq),
    field("ts", &flash::InitFrame::ts), field("productId", &flash::InitFrame::product_id),
    field("quantity", &flash::InitFrame::quantity));
template <>
inline constexpr auto shape<flash::SoldOutFrame> = object(
    "SoldOut", field("type", &flash::SoldOutFrame::type), field("seq", &flash::SoldOutFrame::seq),
    field("ts", &flash::SoldOutFrame::ts), field("productId", &flash::SoldOutFrame::product_id));
template <>
inline constexpr auto shape<flash::OrderFrame> = object(
    "OrderChange", field("type", &flash::OrderFrame::type), field("seq", &flash::OrderFrame::seq),
    field("ts", &flash::OrderFrame::ts), field("orderId", &flash::OrderFrame::order_id),
    field("state", &flash::OrderFrame::state));
template <>
inline constexpr auto shape<flash::SubscribeMessage> =
    object("Subscribe", field("type", &flash::SubscribeMessage::type),
           field("productIds", &flash::SubscribeMessage::product_ids, "",
                 length(0, flash::subscriptions_max), may_be_absent),
           field("orderIds", &flash::SubscribeMessage::order_ids, "",
                 length(0, flash::subscriptions_max), may_be_absent));

}  // namespace souk::json
