// Names that no row has, or that have no business where they stand: a mistyped setting must stop
// the start, not be passed over.
#pragma once

#include "platform/config/load.h"
#include "platform/config/toml_file.h"

#include <string>
#include <vector>

namespace souk::config {

// Settings of all services always count.
bool runs(const Setting& row, const Sources& sources);

std::vector<std::string> name_mistakes(const Settings& rows, const Sources& sources,
                                       const TomlFile& toml);

}  // namespace souk::config
