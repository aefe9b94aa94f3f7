// souk flash init PRODUCT QUANTITY: starts a sale, through the running program when there is one.
#include "flash/schema.h"
#include "main/commands/commands.h"
#include "main/commands/running_program.h"
#include "main/data_directory.h"
#include "main/databases.h"
#include "platform/core/loop.h"
#include "services/flash/service.h"
#include "services/flash/store.h"
#include "services/flash/wire.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <iostream>
#include <memory_resource>

namespace souk::commands {
namespace {

void print(const NewSale& sale) {
    if (sale.as_json) {
        std::pmr::monotonic_buffer_resource memory;
        json::Output id(&memory);
        json::write(sale.product_id, id);
        std::cout << "{\"productId\":" << id << ",\"quantity\":" << sale.quantity << "}\n";
    } else {
        std::cout << "Stock of " << sale.product_id << " set to " << sale.quantity << '\n';
    }
}

int ask_running_program(const Config& config, const NewSale& sale, const std::string& body) {
    const std::string here = "http://127.0.0.1:" + std::to_string(config.flash.port);
    const net::Call call =
        json_call((sale.url.empty() ? here : sale.url) + "/init", body, config.flash.admin_token);
    const net::Answer answer = net::send(call);
    if (answer.status == 200) {
        print(sale);
        return done;
    }
    std::cerr << "souk flash init: " << call.url << " answered " << answer.status << ": "
              << answer.body << '\n';
    return answer.status >= 500 ? unavailable : refused;
}

core::Task<> write_sale(db::Database& database, flash::NewSale sale) {
    const core::SystemClock clock;
    flash::Store store(database, clock);
    co_await database.migrate(flash::migrations());
    if (!co_await database.claim("flash")) {
        throw std::runtime_error(
            "a souk elsewhere serves flash on this database; name its address with --url");
    }
    co_await store.open_sale(sale.product_id, sale.quantity);
}

int write_directly(const Config& config, const NewSale& wanted, const flash::NewSale& sale) {
    const DataDirectory directory(config.data_dir);
    core::Loop loop("flash-init");
    const std::unique_ptr<db::Database> database = open_flash(config);
    boost::asio::co_spawn(loop.context(), write_sale(*database, sale), boost::asio::use_future)
        .get();
    print(wanted);
    if (!wanted.as_json)
        std::cout << "No souk runs on " << config.data_dir << ": the next start sells it.\n";
    return done;
}

}  // namespace

int flash_init(const CommandLine& line, const NewSale& sale) {
    Config config;
    const config::Outcome outcome = load(line, Purpose::work, config);
    if (!outcome.mistakes.empty()) return report(outcome.mistakes);
    std::pmr::monotonic_buffer_resource memory;
    json::Output body(&memory);
    body += "{\"productId\":";
    json::write(sale.product_id, body);
    body += ",\"quantity\":" + std::pmr::string(sale.quantity, &memory) + "}";
    const core::Result<flash::NewSale> checked = flash::read_sale(body, memory);
    if (!checked) {
        std::cerr << "souk flash init: " << checked.error().message.view() << '\n';
        return usage;
    }
    try {
        const bool is_running = !sale.url.empty() || DataDirectory::is_in_use(config.data_dir);
        return is_running ? ask_running_program(config, sale, std::string(body))
                          : write_directly(config, sale, *checked);
    } catch (const core::Unavailable& down) {
        std::cerr << "souk flash init: " << down.what() << '\n';
        return unavailable;
    } catch (const std::exception& problem) {
        std::cerr << "souk flash init: " << problem.what() << '\n';
        return refused;
    }
}

}  // namespace souk::commands
