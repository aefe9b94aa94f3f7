// Every setting of the program: its own, the server's, and each service's.
#pragma once

#include "platform/config/load.h"
#include "platform/config/setting.h"
#include "platform/http/server.h"
#include "services/flash/settings.h"

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
};

inline const std::vector<std::string> all_services = {"flash"};

config::Settings settings(Config& into);

// What the command line gave: flags by name ("flash-port"), the settings file, the services named.
struct CommandLine {
    std::map<std::string, std::string> flags;
    std::string settings_file;  // empty: ./souk.toml when there is one
    std::vector<std::string> services = all_services;
};

// Fills `into`, or tells every mistake.
config::Outcome load(const CommandLine& line, bool make_secrets, Config& into);

}  // namespace souk
