#include "main/operations/flash/flash_body.h"

#include "main/operations/overview/overview_body.h"
#include "platform/core/iso_time.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace souk::operations {
namespace {

SaleBody sale_body(const flash::Panel::SaleNow& sale) {
    const flash::SaleFigures& figures = sale.figures;
    return {.product_id = figures.product_id,
            .sale = figures.epoch,
            .quantity = figures.quantity,
            .left = figures.left,
            .accepted = figures.accepted,
            .sold_out = figures.sold_out,
            .duplicates = figures.duplicates,
            .accepted_per_second = rounded(sale.accepted_per_second)};
}

LateBody late_body(const flash::Backlog::Late& late) {
    LateBody body{.orders = static_cast<std::int64_t>(late.orders)};
    for (const flash::PendingOrderPtr& order : late.oldest) {
        const flash::OrderRecord& record = order->record;
        body.oldest.push_back(
            {.order_id = core::to_string(record.id),
             .product_id = record.product_id,
             .user_id = record.user_id,
             .accepted_at = core::to_iso8601(core::from_ms(record.accepted_at_ms))});
    }
    return body;
}

DeadLettersBody dead_letters_body(const flash::Panel::Now& now) {
    DeadLettersBody body{.total = now.dead_letters};
    for (const flash::DeadLetterRow& row : now.newest_dead_letters) {
        body.rows.push_back({row.log, row.position, row.reason, row.record, row.created_at});
    }
    return body;
}

FlashHistoryBody columns(const std::vector<flash::Panel::Sample>& samples) {
    FlashHistoryBody body;
    for (const flash::Panel::Sample& each : samples) {
        body.seconds.push_back(each.unix_seconds);
        body.accepted.push_back(rounded(each.per_second.accepted));
        body.duplicates.push_back(rounded(each.per_second.duplicates));
        body.sold_out.push_back(rounded(each.per_second.sold_out));
        body.over_limit.push_back(rounded(each.per_second.over_limit));
        body.backlog.push_back(each.backlog);
    }
    return body;
}

}  // namespace

FlashBody flash_body(const flash::Panel::Now& now) {
    const auto count = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
    FlashBody body{
        .is_open = now.is_open,
        .sales_total = count(now.sales_total),
        .per_second = {rounded(now.per_second.accepted), rounded(now.per_second.duplicates),
                       rounded(now.per_second.sold_out), rounded(now.per_second.over_limit),
                       rounded(now.per_second.failed)},
        .totals = {count(now.totals.accepted), count(now.totals.duplicates),
                       count(now.totals.sold_out), count(now.totals.over_limit),
                       count(now.totals.failed)},
        .backlog = {count(now.backlog),
                       rounded(std::chrono::duration<double>(now.backlog_age).count())},
        .late = late_body(now.late),
        .dead_letters = dead_letters_body(now),
        .history = columns(now.history)
    };
    std::transform(now.sales.begin(), now.sales.end(), std::back_inserter(body.sales), sale_body);
    return body;
}

}  // namespace souk::operations
