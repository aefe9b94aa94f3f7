// souk store orders list, and resend: orders with what became of their confirmation mail, and
// another try to send it.
#include "main/commands/commands.h"
#include "main/commands/running_program.h"
#include "main/commands/store/mail.h"
#include "main/commands/tables.h"
#include "services/store/confirmations.h"

#include <stdexcept>

namespace souk {
struct ConfirmationReport {
    std::int64_t order_id = 0;
    std::string name;
    std::string email;
    std::int64_t total_amount = 0;
    std::int64_t item_count = 0;
    std::string created_at;
    std::string confirmation;
    std::int64_t attempts = 0;
    std::string last_error;
};
}  // namespace souk

namespace souk::json {
template <>
inline constexpr auto shape<ConfirmationReport> =
    object("Confirmation", field("orderId", &ConfirmationReport::order_id),
           field("name", &ConfirmationReport::name), field("email", &ConfirmationReport::email),
           field("totalAmount", &ConfirmationReport::total_amount),
           field("itemCount", &ConfirmationReport::item_count),
           field("createdAt", &ConfirmationReport::created_at),
           field("confirmation", &ConfirmationReport::confirmation),
           field("attempts", &ConfirmationReport::attempts),
           field("lastError", &ConfirmationReport::last_error));
}  // namespace souk::json

namespace souk::commands {
namespace {

ConfirmationReport report_of(const store::ConfirmationRow& row) {
    return {.order_id = row.order_id,
            .name = row.name,
            .email = row.email,
            .total_amount = row.total_amount,
            .item_count = row.item_count,
            .created_at = iso_time(row.created_at_ms),
            .confirmation = row.confirmation,
            .attempts = row.attempts,
            .last_error = row.last_error};
}

std::vector<std::string> cells_of(const store::ConfirmationRow& row) {
    return {std::to_string(row.order_id),
            time_text(row.created_at_ms),
            std::to_string(row.total_amount),
            row.confirmation,
            std::to_string(row.attempts),
            row.email,
            row.last_error};
}

void require_checkout(const Config& config) {
    if (!config.store.checkout)
        throw std::runtime_error(
            "there are no orders: checkout is off; STORE_CHECKOUT=1 switches it on");
}

core::Task<std::int64_t> resend_directly(const Config& config, db::Database& tables,
                                         std::optional<std::int64_t> id, core::Time now) {
    if (config.store.smtp_host.empty() && config.store.resend_api_key.empty())
        throw std::runtime_error(store::no_mail);
    return store::resend_confirmations(tables, id, now);
}

}  // namespace

int store_orders_list(const CommandLine& line, const MailWanted& wanted) {
    return with_settings("store orders", line, [&wanted](const Config& config) {
        require_checkout(config);
        const store::ConfirmationFilter filter{.confirmation = wanted.state, .limit = wanted.limit};
        const std::vector<store::ConfirmationRow> rows = read_store(
            config,
            [&](db::Database& tables) { return store::list_confirmations(tables, filter); });
        print_listed(rows, wanted.as_json,
                     Shown<store::ConfirmationRow, ConfirmationReport>{
                         .report = &report_of,
                         .columns = {"ORDER", "PLACED (UTC)", "TOTAL", "CONFIRMATION", "TRIES",
                                     "BUYER", "LAST ERROR"},
                         .cells = &cells_of,
                         .none = "No orders."
        });
        return done;
    });
}

int store_orders_resend(const CommandLine& line, const MailWanted& wanted) {
    return with_settings("store orders", line, [&wanted](const Config& config) {
        require_checkout(config);
        const auto directly = [&config](db::Database& tables, std::optional<std::int64_t> id,
                                        core::Time now) {
            return resend_directly(config, tables, id, now);
        };
        return resend(config, wanted,
                      {.command = "store orders",
                       .path = "/store/orders/resend",
                       .many = "Confirmations",
                       .one = "confirmation of order",
                       .directly = directly});
    });
}

}  // namespace souk::commands
