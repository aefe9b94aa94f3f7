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

// doctor_machine.cpp
Findings check_ports(const Config& config);
Finding check_space(const Config& config);
Finding check_sync_speed(const Config& config);
Finding check_clock();
Finding check_descriptors(const Config& config);
Finding check_directory(const Config& config);

// doctor_data.cpp
Findings check_database(const Config& config);
Finding check_log(const Config& config);
Findings check_settings(const Config& config);

}  // namespace souk::commands
