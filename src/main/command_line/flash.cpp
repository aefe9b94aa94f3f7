// souk flash …
#include "main/command_line/command_line.h"

#include <CLI/CLI.hpp>

namespace souk::command_line {
namespace {

// Its settings alone: what other services have set wrong is not its business.
const CommandLine& own_line(Said& said) {
    said.line.services = {"flash"};
    return said.line;
}

using Listed = int (*)(const CommandLine&, const commands::Listing&);

CLI::App* add_listing(CLI::App& flash, Said& said, const char* name, const char* help, Listed run) {
    CLI::App* const command = flash.add_subcommand(name, help);
    command->add_option("--product", said.listing.product, "only of this product");
    command->add_option("--limit", said.listing.limit, "at most so many (default 100)")
        ->check(CLI::Range(1, 1'000'000));
    add_json(*command, said);
    add_settings(*command, said.line);
    command->callback([&said, run] {
        said.listing.as_json = said.as_json;
        said.code = run(own_line(said), said.listing);
    });
    return command;
}

}  // namespace

void add_flash(CLI::App& app, Said& said) {
    CLI::App* const flash =
        app.add_subcommand("flash", "Commands of the flash service")->require_subcommand(1);
    CLI::App& init = *flash->add_subcommand("init", "Start or reset the sale of a product");
    init.add_option("PRODUCT", said.sale.product_id, "1 to 128 visible ASCII characters")
        ->required();
    init.add_option("QUANTITY", said.sale.quantity, "units to sell, 0 to 2147483647")->required();
    init.add_option("--url", said.sale.url,
                    "address of the running program (default: this machine's, by its settings)");
    init.add_flag("--json", said.sale.as_json, "print the answer as JSON");
    add_settings(init, said.line);
    init.callback([&said] { said.code = commands::flash_init(own_line(said), said.sale); });

    CLI::App* const orders = add_listing(*flash, said, "orders", "List orders, the newest first",
                                         commands::flash_orders);
    orders->add_option("--state", said.listing.state, "only in this state")
        ->check(CLI::IsMember({"confirmed", "cancelled", "failed"}));
    add_listing(*flash, said, "sales", "List products on sale with the orders of their latest sale",
                commands::flash_sales);
    CLI::App* const dead_letters =
        add_listing(*flash, said, "dead-letters",
                    "List accepted orders that the database refused, or try one again",
                    commands::flash_dead_letters);
    dead_letters->add_option("--retry", said.listing.retry,
                             "write the order of the dead letter at this position once more");
}

}  // namespace souk::command_line
