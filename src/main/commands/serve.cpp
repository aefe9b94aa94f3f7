// souk serve: the program itself, told in the order in which things happen.
#include "main/commands/commands.h"
#include "main/data_directory.h"
#include "main/databases.h"
#include "main/operations/backup.h"
#include "main/operations/flash/flash_panel.h"
#include "main/operations/operations.h"
#include "main/operations/overview/loop_watch.h"
#include "main/signals.h"
#include "platform/core/loop.h"
#include "platform/http/openapi.h"
#include "platform/http/server.h"
#include "platform/log/log.h"
#include "platform/log/pauses.h"
#include "platform/metrics/process.h"
#include "services/flash/service.h"
#include "web/console_page.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>
#include <vector>

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

std::vector<operations::Dependency> dependencies(const flash::Service& flash) {
    std::vector<operations::Dependency> all;
    for (const flash::Component& each : flash.components())
        all.push_back({each.name, each.is_up, each.detail});
    return all;
}

// What stands on each of flash's listeners.
struct FlashRooms {
    http::Room api;
    http::Room waiting_room;
};

FlashRooms flash_rooms(flash::Service& flash) {
    FlashRooms rooms{flash.api(), flash.waiting_room()};
    rooms.api.listener = "api";
    rooms.waiting_room.listener = "waiting room";
    return rooms;
}

operations::ServiceRow flash_row(flash::Service& flash, const FlashRooms& rooms,
                                 const Config& config) {
    return {
        .name = "flash",
        .listeners = {{rooms.api.listener, config.address, config.flash.port},
                      {rooms.waiting_room.listener, config.address,
                       config.flash.waiting_room_port}},
        .dependencies = [&flash] { return dependencies(flash); },
        .description = http::openapi({.title = "Souk flash",
                      .version = SOUK_VERSION,
                      .summary = "Flash-sale orders with a waiting room"},
                                     {&rooms.api, &rooms.waiting_room}
          ),
        .panel = operations::flash_panel(flash),
        .actions = operations::flash_actions(flash)
    };
}

operations::Operations::Setup operations_setup(const Config& config,
                                               const std::vector<config::Effective>& settings,
                                               operations::Services services,
                                               http::Routes actions) {
    return {
        .about = {.version = SOUK_VERSION,
                  .environment = config.environment,
                  .data_directory = config.data_dir},
        .access = {config.admin_token, config.admin_address},
        .services = std::move(services),
        .actions = std::move(actions),
        .settings = settings,
        .page = web::console_page
    };
}

int run(const Config& config, const std::vector<config::Effective>& settings, Signals& signals) {
    const DataDirectory directory(config.data_dir);
    raise_descriptor_limit();

    // What everybody borrows.
    const core::SystemClock clock;
    core::SystemRandom random;
    metrics::Registry metrics;
    const std::vector<metrics::Gauge> process = metrics::process_gauges(metrics);
    core::Loops loops = core::make_loops(static_cast<std::size_t>(config.loops));
    core::Loop background("background");
    for (std::size_t i = 0; i < loops.size(); ++i)
        watch_loop(*loops[i], "loop-" + std::to_string(i), metrics);
    watch_loop(background, "background", metrics);

    // The rooms.
    const std::unique_ptr<db::Database> flash_rows = open_flash(config, &metrics);
    flash::Service flash(config.flash, {*flash_rows, background, clock, random, metrics});
    FlashRooms rooms = flash_rooms(flash);
    operations::Backup backup(config.data_dir, config.flash.database_url.empty());

    // Who watches over them, on a loop of its own: it has to see the others stand still.
    core::Loop console("console");
    operations::Operations operations(
        operations_setup(config, settings, {flash_row(flash, rooms, config)}, {backup.route()}),
        {console, clock, random, metrics});

    // Their listeners; from here on clients may come.
    http::Server server({loops, clock, random, metrics}, config.http);
    server.listen(
        {config.admin_address, config.admin_port, {operations.room()}, operations::capacity});
    server.listen({config.address, config.flash.port, {std::move(rooms.api)}});
    server.listen(
        {config.address, config.flash.waiting_room_port, {std::move(rooms.waiting_room)}});
    flash.start();
    operations.start();
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
    operations.stop();
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
    log::Pauses::set_bound(std::chrono::milliseconds(config.log_pause_ms));
    int code = done;
    try {
        code = run(config, outcome.values, signals);
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
