// Every setting of the program: its own, the server's, and each service's.
#pragma once

#include "platform/cache/redis_address.h"
#include "platform/config/load.h"
#include "platform/config/setting.h"
#include "platform/core/result.h"
#include "platform/http/server.h"
#include "services/flash/settings.h"
#include "services/store/settings.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace souk {

struct Config {
    std::string environment = "development";
    std::string data_dir = "./souk-data";
    int loops = 0;
    std::string address = "[::]";
    std::string admin_address = "127.0.0.1";
    std::uint16_t admin_port = 9090;
    std::string admin_token;
    std::string log_format = "auto";
    std::string log_level = "info";
    int log_pause_ms = 25;
    http::ServerLimits http;
    flash::Config flash;
    store::Config store;
};

inline const std::vector<std::string> all_services = {"flash", "store"};

config::Settings settings(Config& into);

// What the command line gave: flags by name ("flash-port"), the settings file, the services named.
struct CommandLine {
    std::map<std::string, std::string> flags;
    std::string settings_file;  // empty: ./souk.toml when there is one
    std::vector<std::string> services = all_services;
};

// Where store's Redis is, when one is set. What load() found nothing wrong with has a value.
core::Result<cache::RedisAddress> redis_address(const Config& config);

// What the settings are for. Only who serves makes missing secrets; who only works on the data
// needs nothing that production must have set for serving.
enum class Purpose { serve, look, work };

// Fills `into`, or tells every mistake.
config::Outcome load(const CommandLine& line, Purpose purpose, Config& into);

}  // namespace souk
