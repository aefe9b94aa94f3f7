// What `souk doctor` looks at. A check says what is wrong, why it matters and how to mend it.
#pragma once

#include "main/settings.h"

#include <string>
#include <vector>

namespace souk::commands {

struct Finding {
    std::string check;  // "sync speed"
    std::string state;  // ok, warning, wrong
    std::string found;  // what is so
    std::string why;    // why it matters; empty when ok
    std::string mend;   // what to do; empty when ok
};

using Findings = std::vector<Finding>;

inline Finding ok(std::string check, std::string found) {
    return {std::move(check), "ok", std::move(found), {}, {}};
}

// machine.cpp
Findings check_ports(const Config& config, const std::vector<std::string>& services);
Finding check_space(const Config& config);
Finding check_sync_speed(const Config& config);
Finding check_clock();
Finding check_descriptors(const Config& config);
Finding check_directory(const Config& config);

// flash.cpp
Findings check_flash_settings(const Config& config);
Findings check_flash_tables(const Config& config);
Finding check_flash_log(const Config& config);

// store.cpp
Findings check_store_settings(const Config& config);
Findings check_store_tables(const Config& config);
Finding check_store_cache(const Config& config);
Finding check_store_issuer(const Config& config);

// mail.cpp
Finding check_store_mail(const Config& config);

}  // namespace souk::commands
