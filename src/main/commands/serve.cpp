// souk serve: the program itself, told in the order in which things happen.
#include "main/commands/commands.h"
#include "main/data_directory.h"
#include "main/databases.h"
#include "main/maintenance.h"
#include "main/operations.h"
#include "main/signals.h"
#include "platform/core/loop.h"
#include "platform/http/openapi.h"
#include "platform/http/server.h"
#include "platform/log/log.h"
#include "platform/metrics/process.h"
#include "services/flash/service.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>

namespace souk::commands {
namespace {

constexpr std::chrono::seconds drain_patience{5};  // the services have five more: ten in all

log::Options log_options(const Config& config) {
    log::Options options;
    if (config.log_format == "json") options.format = log::Format::json;
    if (config.log_format == "pretty") options.format = log::Format::pretty;
    for (const log::Level level :
         {log::Level::debug, log::Level::info, log::Level::warn, log::Level::error}) {
        if (config.log_level == log::name_of(level)) options.level = level;
    }
    return options;
}

std::vector<Dependency> dependencies(const flash::Service& flash) {
    std::vector<Dependency> all;
    for (const flash::Component& each : flash.components()) {
        all.push_back({each.name, each.is_up ? "up" : "down", each.detail});
    }
    return all;
}

http::Room with(http::Room room, http::Routes more) {
    std::move(more.begin(), more.end(), std::back_inserter(room.routes));
    return room;
}

std::string describe_flash(const http::Room& api, const http::Room& waiting_room) {
    return http::openapi({.title = "Souk flash",
                          .version = SOUK_VERSION,
                          .summary = "Flash-sale orders with a waiting room"},
                         {&api, &waiting_room});
}

int run(const Config& config, Signals& signals) {
    const DataDirectory directory(config.data_dir);
    raise_descriptor_limit();

    // What everybody borrows.
    const core::SystemClock clock;
    core::SystemRandom random;
    metrics::Registry metrics;
    const std::vector<metrics::Gauge> process = metrics::process_gauges(metrics);
    core::Loops loops = core::make_loops(static_cast<std::size_t>(config.loops));
    core::Loop background("background");

    // The rooms.
    const std::unique_ptr<db::Database> flash_rows = open_flash(config);
    flash::Service flash(config.flash, {*flash_rows, background, clock, random, metrics});
    const Operations operations{
        .dependencies = [&flash] { return dependencies(flash); },
        .metrics_text = [&metrics] { return metrics.text(); },
        .descriptions = {{"flash", describe_flash(flash.api(), flash.waiting_room())}},
        .token = config.admin_token,
        .address = config.admin_address};

    Maintenance maintenance(flash, config.data_dir, config.flash.database_url.empty());

    // Their listeners; from here on clients may come.
    http::Server server({loops, clock, random, metrics}, config.http);
    server.listen({config.admin_address,
                   config.admin_port,
                   {with(operations_room(operations), maintenance.routes())}});
    server.listen({config.address, config.flash.port, {flash.api()}});
    server.listen({config.address, config.flash.waiting_room_port, {flash.waiting_room()}});
    flash.start();
    log::info("souk", "serving",
              {
                  {"version",      SOUK_VERSION                  },
                  {"data",         config.data_dir               },
                  {"flash",        config.flash.port             },
                  {"waiting_room", config.flash.waiting_room_port},
                  {"operations",   config.admin_port             }
    });

    // Until somebody says stop; then nothing new, what was begun is finished, and everything ends
    // in reverse.
    signals.wait();
    log::info("souk", "stopping: requests in flight are finished, a second signal ends at once");
    server.drain(drain_patience);
    if (!flash.stop()) {
        // All that was promised is on the disk; only a wait for the database would not end.
        log::warn("souk", "stopped without waiting for the database any longer");
        log::stop();
        std::_Exit(done);
    }
    log::info("souk", "stopped");
    return done;
}

}  // namespace

int serve(const CommandLine& line) {
    Config config;
    const config::Outcome outcome = load(line, true, config);
    if (!outcome.mistakes.empty()) return report(outcome.mistakes);
    // Signals first: every thread inherits what is blocked here.
    Signals signals;
    log::start(log_options(config));
    int code = done;
    try {
        code = run(config, signals);
    } catch (const core::Unavailable& down) {
        log::error("souk", down.what());
        code = unavailable;
    } catch (const std::exception& problem) {
        log::error("souk", problem.what());
        code = refused;
    }
    log::stop();
    return code;
}

}  // namespace souk::commands
