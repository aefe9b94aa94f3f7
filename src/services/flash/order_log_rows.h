// Entries of the order log as rows of its SQLite file, and back.
#pragma once

#include "platform/db/sqlite/connection.h"
#include "services/flash/pending_order.h"

namespace souk::flash {

void insert_row(db::sqlite::Connection& connection, const LogEntry& entry);

// A row that makes no sense comes back as a broken entry that says why.
LogEntry read_row(const db::sqlite::Statement& row);

}  // namespace souk::flash
