// What PostgreSQL's error codes mean to a caller.
#pragma once

#include "platform/db/failure.h"

#include <string>
#include <string_view>

namespace souk::db::postgres {

// By SQLSTATE; an empty one means that the connection is lost.
Failure failure(std::string_view sqlstate, const std::string& message, std::string_view sql);

// Server and prepared statements no longer agree; the connection should be replaced.
bool spoils_connection(std::string_view sqlstate);

}  // namespace souk::db::postgres
