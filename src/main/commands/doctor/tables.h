// What the doctor asks the database of any service.
#pragma once

#include "main/commands/doctor/doctor.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "platform/db/migration_plan.h"

#include <string>

namespace souk::commands {

core::Task<Finding> check_version(std::string check, db::Database& tables, db::Dialect dialect);

// Whether this program can use the tables as they are.
core::Task<Finding> check_schema(std::string check, db::Database& tables, db::Migrations known,
                                 db::Dialect dialect);

}  // namespace souk::commands
