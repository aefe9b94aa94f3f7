// One function per command. Each gives the exit code: 0 done, 1 refused, 2 usage, 3 unavailable.
#pragma once

#include "main/settings.h"

#include <string>

namespace souk::commands {

inline constexpr int done = 0;
inline constexpr int refused = 1;
inline constexpr int usage = 2;
inline constexpr int unavailable = 3;

int serve(const CommandLine& line);

enum class Form { table, json, markdown };
int show_config(const CommandLine& line, Form form);

int migrate(const CommandLine& line);
int version(bool as_json);

struct NewSale {
    std::string product_id;
    std::string quantity;
    std::string url;  // of the running program; empty: found out
    bool as_json = false;
    std::string token;  // ADMIN_TOKEN of the running program; empty: this configuration's
};
int flash_init(const CommandLine& line, const NewSale& sale);

// Prints what is wrong with the settings, each mistake on a line of its own.
int report(const std::vector<std::string>& mistakes);

}  // namespace souk::commands
