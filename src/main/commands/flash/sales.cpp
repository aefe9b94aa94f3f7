// souk flash sales: every product with its stock and the orders of its latest sale.
#include "main/commands/commands.h"
#include "main/commands/output.h"
#include "main/commands/running_program.h"
#include "main/commands/tables.h"
#include "services/flash/reports.h"

namespace souk::json {
template <>
inline constexpr auto shape<flash::SaleRow> = object(
    "SaleRow", field("productId", &flash::SaleRow::product_id),
    field("sale", &flash::SaleRow::sale), field("stock", &flash::SaleRow::stock),
    field("confirmed", &flash::SaleRow::confirmed), field("cancelled", &flash::SaleRow::cancelled),
    field("failed", &flash::SaleRow::failed));
}  // namespace souk::json

namespace souk::commands {
namespace {

void print(const std::vector<flash::SaleRow>& sales, const Listing& wanted) {
    if (wanted.as_json) return print_json(sales);
    std::vector<std::vector<std::string>> rows;
    for (const flash::SaleRow& sale : sales) {
        rows.push_back({sale.product_id, std::to_string(sale.sale), std::to_string(sale.stock),
                        std::to_string(sale.confirmed), std::to_string(sale.cancelled),
                        std::to_string(sale.failed)});
    }
    if (rows.empty()) {
        std::cout << "No sales. `souk flash init PRODUCT QUANTITY` starts one.\n";
        return;
    }
    print_table({"PRODUCT", "SALE", "STOCK", "CONFIRMED", "CANCELLED", "FAILED"}, rows);
}

}  // namespace

int flash_sales(const CommandLine& line, const Listing& wanted) {
    return with_settings("flash sales", line, [&wanted](const Config& config) {
        const flash::ReportFilter filter{
            .product = wanted.product, .state = {}, .limit = wanted.limit};
        print(read_flash(config,
                         [&](db::Database& tables) { return flash::list_sales(tables, filter); }),
              wanted);
        return done;
    });
}

}  // namespace souk::commands
