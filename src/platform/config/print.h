// Settings for people (a table), for docs/config.md, and for programs (JSON).
#pragma once

#include "platform/config/load.h"

#include <string>
#include <vector>

namespace souk::config {

std::string print_table(const std::vector<Effective>& values);
std::string print_json(const std::vector<Effective>& values);

// One section per service, in the order of the rows.
std::string print_markdown(const Settings& rows);

}  // namespace souk::config
