// Statements and lists of them on a libSQL server, each in one trip on a stream of its own.
#pragma once

#include "platform/db/libsql/server.h"
#include "platform/db/sql.h"

#include <vector>

namespace souk::db::libsql {

core::Task<Rows> read(Server& server, const char* sql, Values values);

// In one transaction. Tried again, within the server's timeout, while another program holds the
// write lock: then nothing has been written. Not after anything else, which may have been a commit.
core::Task<std::vector<Rows>> write_all(Server& server, std::vector<Statement> statements);

}  // namespace souk::db::libsql
