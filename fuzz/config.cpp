// Settings from the environment and souk.toml. An input is NAME=value lines, an empty line, and the
// file. What is accepted keeps to its bounds and can be given back as it is shown; secrets stay
// hidden.
#include "fuzz/support/property.h"
#include "platform/config/load.h"
#include "platform/http/settings.h"
#include "services/flash/settings.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

namespace souk::fuzz {
namespace {

constexpr std::string_view secret = "hunter2-hunter2";

struct Settings {
    http::ServerLimits http;
    flash::Config flash;
    std::string session_key;  // made at first start, which this never is
    config::Settings rows = all();

    config::Settings all() {
        config::Settings list = http::settings(http);
        for (config::Setting& row : flash::settings(flash)) list.push_back(std::move(row));
        list.push_back(
            config::secret("flash.session_key", session_key, "for this").made_at_first_start());
        return list;
    }
};

config::Sources sources_of(std::string_view input) {
    config::Sources sources;
    for (const std::string_view line : lines_of(take_until(input, "\n\n"))) {
        std::string_view rest = line;
        const std::string name(take_until(rest, "="));
        // Files of secrets are the file system's, not the input's.
        if (!name.empty() && !name.ends_with("_FILE")) sources.environment[name] = rest;
    }
    sources.production = sources.environment.contains("SOUK_ENV");
    sources.environment.erase("SOUK_ENV");
    sources.environment.erase("ADMIN_TOKEN");
    sources.environment["FLASH_ADMIN_TOKEN"] = secret;
    sources.toml = std::string(input);
    sources.services = {"flash"};
    sources.make_secrets = false;
    sources.data_directory = "/nonexistent";
    return sources;
}

void check_hidden(const config::Outcome& outcome) {
    for (const std::string& mistake : outcome.mistakes) {
        must(!mistake.empty(), "a mistake is told in words");
        must(mistake.find(secret) == std::string::npos, "no mistake tells a secret", mistake);
    }
    for (const config::Effective& value : outcome.values) {
        must(value.value.find(secret) == std::string::npos, "no secret is shown", value.name);
        must(!value.name.empty() && !value.source.empty(), "a value says where it is from");
    }
}

void check_bounds(const Settings& loaded) {
    const flash::Config& flash = loaded.flash;
    must(flash.port > 0 && flash.waiting_room_port > 0, "ports are ports");
    must(flash.rate_limit_rps >= 0 && flash.max_backlog > 0, "numbers keep to their bounds");
    must(flash.idempotency_ttl_seconds > 0 && flash.cancel_window_seconds >= 0, "so do times");
    must(flash.database_url.empty() || flash.database_url.starts_with("postgres"), "addresses too");
    must(!flash.waiting_room_url.ends_with('/'), "and no address ends with a slash");
    must(flash.admin_token == secret, "a secret arrives as it was given");
    must(loaded.http.header_bytes_max > 0 && loaded.http.connections_max > 0, "limits limit");
}

// What the table shows, set as the environment, shows the same table.
void check_given_back(const config::Outcome& outcome, const config::Sources& before) {
    config::Sources sources = before;
    Settings settings;
    sources.toml.reset();
    sources.environment.clear();
    sources.environment["FLASH_ADMIN_TOKEN"] = secret;
    for (const config::Effective& value : outcome.values) {
        for (const config::Setting& row : settings.rows) {
            const bool is_whole = row.kind != config::Kind::secret && !row.hides_password;
            if (row.name == value.name && is_whole)
                sources.environment[row.environment()] = value.value;
        }
    }
    const config::Outcome again = config::load(settings.rows, sources);
    must(again.mistakes.empty(), "what is shown can be set",
         again.mistakes.empty() ? "" : again.mistakes.front());
    for (const config::Effective& value : outcome.values) {
        for (const config::Effective& other : again.values) {
            if (other.name != value.name || value.name == "flash.database_url") continue;
            // An empty value counts as unset, in an environment.
            must(other.value == value.value || value.value.empty(), "and shows the same",
                 value.name + ": " + value.value + " / " + other.value);
        }
    }
}

}  // namespace
}  // namespace souk::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace souk::fuzz;
    const std::string_view input = text_of(data, size);
    if (input.find(secret) != std::string_view::npos) return 0;  // told by the input itself
    const souk::config::Sources sources = sources_of(input);
    Settings settings;
    const souk::config::Outcome outcome = souk::config::load(settings.rows, sources);
    check_hidden(outcome);
    if (!outcome.mistakes.empty()) return 0;
    check_bounds(settings);
    check_given_back(outcome, sources);
    return 0;
}
