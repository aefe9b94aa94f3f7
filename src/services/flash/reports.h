// What people ask about the tables: orders, sales, dead letters. Reads only.
#pragma once

#include "platform/core/task.h"
#include "platform/db/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace souk::flash {

struct ReportFilter {
    std::string product;  // empty: all
    std::string state;    // empty: all
    std::int64_t limit = 100;
};

struct OrderRow {
    std::string id;
    std::string product_id;
    std::string user_id;
    std::string state;
    std::string key;
    std::int64_t sale = 0;            // 0 for a row that another program put there
    std::int64_t accepted_at_ms = 0;  // likewise
    std::int64_t updated_at_ms = 0;
    bool is_archived = false;
};

struct SaleRow {
    std::string product_id;
    std::int64_t sale = 0;
    std::int64_t stock = 0;  // of the row; orders of the backlog are not taken off yet
    std::int64_t confirmed = 0;
    std::int64_t cancelled = 0;
    std::int64_t failed = 0;
};

struct DeadLetterRow {
    std::string log;
    std::int64_t position = 0;
    std::string record;
    std::string reason;
    std::string created_at;  // ISO 8601, UTC, with milliseconds
};

core::Task<std::vector<OrderRow>> list_orders(db::Database& database, ReportFilter filter);
core::Task<std::vector<SaleRow>> list_sales(db::Database& database, ReportFilter filter);
core::Task<std::vector<DeadLetterRow>> list_dead_letters(db::Database& database,
                                                         ReportFilter filter);
core::Task<std::int64_t> count_dead_letters(db::Database& database);

}  // namespace souk::flash
