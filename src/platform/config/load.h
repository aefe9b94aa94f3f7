// Loading settings: flag, prefixed environment, plain environment, souk.toml, production default,
// default, in this order; every mistake is reported at once.
#pragma once

#include "platform/config/setting.h"
#include "platform/core/random.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace souk::config {

struct Sources {
    std::map<std::string, std::string> flags;  // "flash-rate-limit-rps" (no dashes before) to value
    std::map<std::string, std::string> environment;
    std::optional<std::string> toml;  // the file's text, when there is one
    std::string toml_path = "souk.toml";
    std::vector<std::string> services;  // those that run; rows of others are known, not loaded
    bool production = false;
    std::filesystem::path data_directory;
    bool make_secrets = true;        // false for commands that only look
    bool asks_required = true;       // false for commands that do not serve
    core::Random* random = nullptr;  // for made secrets; null: the operating system's
};

struct Effective {
    std::string name;
    std::string value;   // secrets are masked
    std::string source;  // "default", "environment FLASH_PORT", "flag --flash-port", "souk.toml", …
    std::string help;
    std::string bounds;
};

struct Outcome {
    std::vector<std::string> mistakes;  // empty: the Configs behind the rows are filled
    std::vector<Effective> values;
};

// `rows` may hold every service's rows; those of services that do not run only tell known names.
Outcome load(const Settings& rows, const Sources& sources);

// The text one row would get, before anything else is loaded: `main` needs SOUK_ENV and the data
// directory to fill Sources. Mistakes are left for load to report.
std::string peek(const Setting& row, const Sources& sources);

// The process's environment as a map.
std::map<std::string, std::string> process_environment();

}  // namespace souk::config
