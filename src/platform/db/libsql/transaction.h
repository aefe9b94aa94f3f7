// An interactive transaction on a stream of a libSQL server: one trip for each statement. The
// server ends a stream that is idle for about 10 s; the database's timeout is meant to be shorter.
#pragma once

#include "platform/db/database.h"
#include "platform/db/libsql/server.h"

#include <memory>

namespace souk::db::libsql {

// Begins one as soon as no other writes; `keeper` is whatever must live as long as a transaction
// can talk to the server's loop.
core::Task<std::unique_ptr<TransactionEngine>> begin(Server& server, std::weak_ptr<void> keeper);

}  // namespace souk::db::libsql
