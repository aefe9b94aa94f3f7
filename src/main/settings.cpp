#include "main/settings.h"

#include "platform/http/settings.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace souk {
namespace {

config::Settings own_settings(Config& into) {
    using namespace config;
    return {
        text("souk.env", into.environment,
             "production: secrets must be set, development conveniences are off")
            .one_of({"development", "production"}),
        text("souk.data_dir", into.data_dir, "where everything is kept"),
        whole_number("souk.loops", into.loops, {0, 1'024},
                     "event loops; 0: one per CPU this process may use"),
        text("souk.address", into.address, "address the services listen on"),
        text("souk.admin_address", into.admin_address, "address of the operations listener"),
        whole_number("souk.admin_port", into.admin_port, {1, 65'535},
                     "port of the operations listener"),
        secret("souk.admin_token", into.admin_token,
               "Bearer token of the operations listener; required off loopback as well")
            .required_in_production(),
        text("souk.log_format", into.log_format, "auto: pretty on a terminal, JSON elsewhere")
            .one_of({"auto", "pretty", "json"}),
        text("souk.log_level", into.log_level, "least important lines to write")
            .one_of({"debug", "info", "warn", "error"}),
        whole_number("souk.log_pause_ms", into.log_pause_ms, {1, 60'000},
                     "from how many milliseconds on a wait for the disk, or a loop that did not "
                     "run, gets a line of its own"),
    };
}

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// Whoever stands between could hand us keys of his own.
bool is_open_issuer(const std::string& issuer) {
    constexpr std::string_view scheme = "http://";
    if (!issuer.starts_with(scheme)) return false;
    const std::string rest = issuer.substr(scheme.size());
    return !rest.starts_with("localhost") && !rest.starts_with("127.") &&
           !rest.starts_with("[::1]");
}

bool is_loopback(const std::string& address) {
    return address == "localhost" || address == "::1" || address == "[::1]" ||
           address.starts_with("127.");
}

void check_together(const Config& config, std::vector<std::string>& mistakes) {
    if (config.environment == "production" && is_open_issuer(config.store.clerk_issuer)) {
        mistakes.push_back(
            "CLERK_ISSUER is http://, so that its keys could be exchanged on their way: in "
            "production use https://");
    }
    if (!is_loopback(config.admin_address) && config.admin_token.empty()) {
        mistakes.push_back("SOUK_ADMIN_ADDRESS is " + config.admin_address +
                           ", which others can reach: set SOUK_ADMIN_TOKEN, or use 127.0.0.1");
    }
    for (std::string& each : store::contradictions(config.store))
        mistakes.push_back(std::move(each));
    if (config.store.redis_url.empty()) return;
    const core::Result<cache::RedisAddress> address = redis_address(config);
    if (!address) mistakes.push_back("REDIS_URL: " + std::string(address.error().message.view()));
}

}  // namespace

config::Settings settings(Config& into) {
    config::Settings rows = own_settings(into);
    for (config::Settings more :
         {http::settings(into.http), flash::settings(into.flash), store::settings(into.store)}) {
        rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
    }
    return rows;
}

core::Result<cache::RedisAddress> redis_address(const Config& config) {
    return cache::parse_redis_address({.url = config.store.redis_url,
                                       .port = config.store.redis_port,
                                       .user = config.store.redis_username,
                                       .password = config.store.redis_password});
}

config::Outcome load(const CommandLine& line, Purpose purpose, Config& into) {
    const config::Settings rows = settings(into);
    config::Sources sources;
    sources.flags = line.flags;
    sources.environment = config::process_environment();
    sources.services = line.services;
    sources.make_secrets = purpose == Purpose::serve;
    sources.asks_required = purpose != Purpose::work;
    if (!line.settings_file.empty()) sources.toml_path = line.settings_file;
    sources.toml = read_file(sources.toml_path);
    if (!sources.toml && !line.settings_file.empty()) {
        return {.mistakes = {"--config " + line.settings_file +
                             ": there is no such file, or it cannot be read"},
                .values = {}};
    }
    sources.production = config::peek(rows[0], sources) == "production";
    sources.data_directory = config::peek(rows[1], sources);
    config::Outcome outcome = config::load(rows, sources);
    if (outcome.mistakes.empty()) check_together(into, outcome.mistakes);
    into.flash.data_dir = into.data_dir;
    return outcome;
}

}  // namespace souk
