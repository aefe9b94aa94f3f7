// souk serve: the program itself, told in the order in which things happen.
#include "main/backup/archive.h"
#include "main/commands/commands.h"
#include "main/data_directory.h"
#include "main/operations/backup.h"
#include "main/operations/dependency_gauges.h"
#include "main/operations/operations.h"
#include "main/operations/overview/loop_watch.h"
#include "main/services/hosted.h"
#include "main/signals.h"
#include "platform/core/loop.h"
#include "platform/http/server.h"
#include "platform/log/log.h"
#include "platform/log/pauses.h"
#include "platform/metrics/process.h"
#include "web/console_page.h"

#include <chrono>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
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

void say_serving(const Config& config, const operations::Services& rows) {
    for (const operations::ServiceRow& row : rows) {
        for (const operations::Listener& each : row.listeners) {
            log::info(row.name, "listening",
                      {
                          {"listener", each.name},
                          {"port",     each.port}
            });
        }
    }
    log::info("souk", "serving",
              {
                  {"version",    SOUK_VERSION     },
                  {"data",       config.data_dir  },
                  {"operations", config.admin_port}
    });
}

// All at once, so that the slowest is waited for and not their sum. False when one of them must not
// be destroyed any more.
bool stop_all(const std::vector<std::unique_ptr<Hosted>>& services) {
    // Or one after the other, where the system gives no more threads.
    constexpr std::launch at_once = std::launch::async | std::launch::deferred;
    std::vector<std::future<bool>> stopping;
    for (const std::unique_ptr<Hosted>& each : services)
        stopping.push_back(std::async(at_once, [&each] { return each->stop(); }));
    bool all_ended = true;
    for (std::future<bool>& each : stopping) all_ended = each.get() && all_ended;
    return all_ended;
}

int run(const Config& config, const config::Outcome& loaded, const std::vector<std::string>& names,
        Signals& signals) {
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
    net::Client client;  // ends before the loops, on which its callers wait

    // The services.
    const std::vector<std::unique_ptr<Hosted>> services =
        host(names, config, {background, clock, random, metrics, client});
    operations::Services rows;
    for (const std::unique_ptr<Hosted>& each : services) rows.push_back(each->row());
    const std::vector<metrics::Gauge> needs = operations::dependency_gauges(rows, metrics);
    operations::Backup backup([&](const std::string& file, const std::stop_token& stop) {
        return archive::make(config, names, file, clock, stop);
    });

    // Who watches over them, on a loop of its own: it has to see the others stand still.
    core::Loop console("console");
    operations::Operations operations(
        operations_setup(config, loaded.values, rows, {backup.route()}),
        {console, clock, random, metrics}, client);

    // Their listeners; from here on clients may come.
    http::Server server({loops, clock, random, metrics}, config.http);
    server.listen(
        {config.admin_address, config.admin_port, {operations.room()}, operations::capacity});
    for (const std::unique_ptr<Hosted>& each : services) {
        for (http::Listener& listener : each->listeners()) server.listen(std::move(listener));
    }
    for (const std::unique_ptr<Hosted>& each : services) each->start();
    operations.start();
    say_serving(config, rows);

    // Until somebody says stop; then nothing new, what was begun is finished, and everything ends
    // in reverse.
    signals.wait();
    log::info("souk", "stopping: requests in flight are finished, a second signal ends at once");
    const bool is_drained = server.drain(drain_patience);
    operations.stop();
    if (const bool have_ended = stop_all(services); !have_ended || !is_drained) {
        // All that was promised is on the disk; only a wait for a database would not end, and it
        // must find in place what it comes back to.
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
    const config::Outcome outcome = load(line, Purpose::serve, config);
    if (!outcome.mistakes.empty()) return report(outcome.mistakes);
    std::optional<Signals> signals;
    int code = done;
    try {
        signals.emplace();  // first: every thread inherits what is blocked here
        log::start(log_options(config));
        log::Pauses::set_bound(std::chrono::milliseconds(config.log_pause_ms));
        code = run(config, outcome, line.services, *signals);
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
