// souk flash orders: what is in the table, the newest first.
#include "main/commands/commands.h"
#include "main/commands/output.h"
#include "main/commands/running_program.h"
#include "main/commands/tables.h"
#include "services/flash/reports.h"

namespace souk::json {
template <>
inline constexpr auto shape<flash::OrderRow> = object(
    "OrderRow", field("orderId", &flash::OrderRow::id),
    field("productId", &flash::OrderRow::product_id), field("userId", &flash::OrderRow::user_id),
    field("state", &flash::OrderRow::state), field("idempotencyKey", &flash::OrderRow::key),
    field("sale", &flash::OrderRow::sale), field("acceptedAt", &flash::OrderRow::accepted_at_ms),
    field("updatedAt", &flash::OrderRow::updated_at_ms),
    field("archived", &flash::OrderRow::is_archived));
}  // namespace souk::json

namespace souk::commands {
namespace {

void print(const std::vector<flash::OrderRow>& orders, const Listing& wanted) {
    if (wanted.as_json) return print_json(orders);
    std::vector<std::vector<std::string>> rows;
    for (const flash::OrderRow& order : orders) {
        rows.push_back({order.id, order.product_id, order.user_id,
                        order.state + (order.is_archived ? " (archived)" : ""),
                        std::to_string(order.sale), time_text(order.accepted_at_ms)});
    }
    if (rows.empty()) {
        std::cout << "No orders.\n";
        return;
    }
    print_table({"ORDER", "PRODUCT", "USER", "STATE", "SALE", "ACCEPTED (UTC)"}, rows);
}

}  // namespace

int flash_orders(const CommandLine& line, const Listing& wanted) {
    return with_settings("flash orders", line, [&wanted](const Config& config) {
        const flash::ReportFilter filter{
            .product = wanted.product, .state = wanted.state, .limit = wanted.limit};
        print(read_flash(config,
                         [&](db::Database& tables) { return flash::list_orders(tables, filter); }),
              wanted);
        return done;
    });
}

}  // namespace souk::commands
