// Confirmations of orders for the people who run the shop: which are owed still, why they were
// given up, and another try. What is owed stands in the table of jobs alone.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace souk::store {

// The kind of the job that confirms one order; its payload is the order's id.
inline constexpr const char* confirm_kind = "order.confirm";

// Why none can be sent.
inline constexpr const char* no_mail = "no mail is set; set SMTP_HOST or RESEND_API_KEY";

struct ConfirmationRow {
    std::int64_t order_id = 0;
    std::string name;
    std::string email;
    std::int64_t total_amount = 0;
    std::int64_t item_count = 0;
    std::int64_t created_at_ms = 0;
    std::string confirmation;   // pending, failed, or settled: sent, or no mail was set
    std::int64_t attempts = 0;  // of a pending or failed one
    std::string last_error;     // likewise
};

struct ConfirmationFilter {
    std::string confirmation;  // empty: all
    std::int64_t limit = 100;
};

// The newest order first.
core::Task<std::vector<ConfirmationRow>> list_confirmations(db::Database& database,
                                                            ConfirmationFilter filter);

// Queues that of one order, or all that failed, once more; gives how many. None when there is no
// such order or its confirmation is pending. The running program finds the jobs by itself.
core::Task<std::int64_t> resend_confirmations(db::Database& database,
                                              std::optional<std::int64_t> order_id, core::Time now);

}  // namespace souk::store
