// What a backup holds, as the program tells its command and the command tells people.
#pragma once

#include "platform/json/schema.h"
#include "platform/json/write.h"

#include <cstdint>
#include <string>
#include <vector>

namespace souk {

struct BackupReport {
    std::string file;
    std::vector<std::string> services;  // whose data is in it
    bool has_tables = false;
    std::int64_t orders = 0;
    std::int64_t log_records = 0;
};

}  // namespace souk

namespace souk::json {

template <>
inline constexpr auto shape<BackupReport> =
    object("BackupMade", field("file", &BackupReport::file),
           field("services", &BackupReport::services, "whose data is in it"),
           field("hasTables", &BackupReport::has_tables, "of flash; false: they are in PostgreSQL"),
           field("orders", &BackupReport::orders, "of flash, in its tables"),
           field("logRecords", &BackupReport::log_records, "of flash's order log"));

}  // namespace souk::json
