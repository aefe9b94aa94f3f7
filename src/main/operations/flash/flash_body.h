// flash's panel as JSON.
#pragma once

#include "platform/json/schema.h"
#include "platform/json/write.h"
#include "services/flash/panel.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace souk::operations {

struct SaleBody {
    std::string product_id;
    std::int64_t sale = 0;
    std::optional<std::int64_t> quantity;
    std::int64_t left = 0;
    std::int64_t accepted = 0;
    std::int64_t sold_out = 0;
    std::int64_t duplicates = 0;
    double accepted_per_second = 0;
};
template <typename Number>
struct OutcomesBody {
    Number accepted{};
    Number duplicates{};
    Number sold_out{};
    Number over_limit{};
    Number failed{};
};
struct BacklogBody {
    std::int64_t orders = 0;
    double age_seconds = 0;
};
struct LateOrderBody {
    std::string order_id;
    std::string product_id;
    std::string user_id;
    std::string accepted_at;
};
struct LateBody {
    std::int64_t orders = 0;
    std::vector<LateOrderBody> oldest;
};
struct DeadLetterBody {
    std::string log;
    std::int64_t position = 0;
    std::string reason;
    std::string record;
    std::string created_at;
};
struct DeadLettersBody {
    std::optional<std::int64_t> total;
    std::vector<DeadLetterBody> rows;
};
struct FlashHistoryBody {
    std::vector<std::int64_t> seconds;
    std::vector<double> accepted;
    std::vector<double> duplicates;
    std::vector<double> sold_out;
    std::vector<double> over_limit;
    std::vector<std::int64_t> backlog;
};
struct FlashBody {
    bool is_open = false;
    std::vector<SaleBody> sales;
    std::int64_t sales_total = 0;
    OutcomesBody<double> per_second;
    OutcomesBody<std::int64_t> totals;
    BacklogBody backlog;
    LateBody late;
    DeadLettersBody dead_letters;
    FlashHistoryBody history;
};

FlashBody flash_body(const flash::Panel::Now& now);

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::SaleBody> =
    object("SaleFigures", field("productId", &operations::SaleBody::product_id),
           field("sale", &operations::SaleBody::sale, "its number"),
           field("quantity", &operations::SaleBody::quantity,
                 "what /init gave; null when a database older than this column does not say"),
           field("left", &operations::SaleBody::left),
           field("accepted", &operations::SaleBody::accepted,
                 "since this program started, or the sale began"),
           field("soldOut", &operations::SaleBody::sold_out),
           field("duplicates", &operations::SaleBody::duplicates),
           field("acceptedPerSecond", &operations::SaleBody::accepted_per_second));
template <typename Number>
inline constexpr auto shape<operations::OutcomesBody<Number>> =
    object("Outcomes", field("accepted", &operations::OutcomesBody<Number>::accepted),
           field("duplicates", &operations::OutcomesBody<Number>::duplicates),
           field("soldOut", &operations::OutcomesBody<Number>::sold_out),
           field("overLimit", &operations::OutcomesBody<Number>::over_limit,
                 "of all clients, one address or one user"),
           field("failed", &operations::OutcomesBody<Number>::failed));
template <>
inline constexpr auto shape<operations::BacklogBody> =
    object("Backlog", field("orders", &operations::BacklogBody::orders),
           field("ageSeconds", &operations::BacklogBody::age_seconds));
template <>
inline constexpr auto shape<operations::LateOrderBody> =
    object("LateOrder", field("orderId", &operations::LateOrderBody::order_id),
           field("productId", &operations::LateOrderBody::product_id),
           field("userId", &operations::LateOrderBody::user_id),
           field("acceptedAt", &operations::LateOrderBody::accepted_at));
template <>
inline constexpr auto shape<operations::LateBody> =
    object("Late",
           field("orders", &operations::LateBody::orders,
                 "accepted more than five seconds ago and not in the database"),
           field("oldest", &operations::LateBody::oldest));
template <>
inline constexpr auto shape<operations::DeadLetterBody> =
    object("DeadLetter", field("log", &operations::DeadLetterBody::log),
           field("position", &operations::DeadLetterBody::position),
           field("reason", &operations::DeadLetterBody::reason),
           field("record", &operations::DeadLetterBody::record),
           field("createdAt", &operations::DeadLetterBody::created_at));
template <>
inline constexpr auto shape<operations::DeadLettersBody> = object(
    "DeadLetters",
    field("total", &operations::DeadLettersBody::total, "null until the database has been asked"),
    field("rows", &operations::DeadLettersBody::rows, "the newest"));
template <>
inline constexpr auto shape<operations::FlashHistoryBody> =
    object("FlashHistory", field("seconds", &operations::FlashHistoryBody::seconds),
           field("accepted", &operations::FlashHistoryBody::accepted),
           field("duplicates", &operations::FlashHistoryBody::duplicates),
           field("soldOut", &operations::FlashHistoryBody::sold_out),
           field("overLimit", &operations::FlashHistoryBody::over_limit),
           field("backlog", &operations::FlashHistoryBody::backlog));
template <>
inline constexpr auto shape<operations::FlashBody> = object(
    "Flash", field("isOpen", &operations::FlashBody::is_open, "takes orders"),
    field("sales", &operations::FlashBody::sales, "latest change first"),
    field("salesTotal", &operations::FlashBody::sales_total),
    field("perSecond", &operations::FlashBody::per_second),
    field("totals", &operations::FlashBody::totals, "since the start"),
    field("backlog", &operations::FlashBody::backlog), field("late", &operations::FlashBody::late),
    field("deadLetters", &operations::FlashBody::dead_letters),
    field("history", &operations::FlashBody::history, "by the second"));

}  // namespace souk::json
