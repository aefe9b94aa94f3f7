#include "main/operations/store/store_body.h"

#include "main/operations/overview/overview_body.h"
#include "platform/core/iso_time.h"

#include <chrono>
#include <utility>

namespace souk::operations {
namespace {

std::int64_t count(std::uint64_t number) { return static_cast<std::int64_t>(number); }

LookupsBody lookups_body(const store::Panel::Now& now) {
    LookupsBody body{.hits = count(now.lookups.hits),
                     .misses = count(now.lookups.misses),
                     .hits_per_second = rounded(now.hits_per_second),
                     .misses_per_second = rounded(now.misses_per_second),
                     .hit_share = {}};
    const std::int64_t all = body.hits + body.misses;
    if (all > 0)
        body.hit_share = rounded(static_cast<double>(body.hits) / static_cast<double>(all));
    return body;
}

FailedMessageBody failed_body(const store::ContactRow& row) {
    return {.id = row.id,
            .name = row.name,
            .email = row.email,
            .subject = row.subject,
            .attempts = row.attempts,
            .last_error = row.last_error,
            .created_at = core::to_iso8601(core::from_ms(row.created_at_ms))};
}

StoreTablesBody tables_body(const store::Panel::Tables& tables) {
    StoreTablesBody body{
        .products = tables.products,
        .outbox = {tables.contacts.pending, tables.contacts.sent, tables.contacts.failed,
                   tables.contacts.disabled},
        .jobs = {tables.jobs.waiting, tables.jobs.given_up,
                   rounded(std::chrono::duration<double>(tables.jobs.oldest).count())},
        .failed_messages = {}
    };
    for (const store::ContactRow& row : tables.given_up)
        body.failed_messages.push_back(failed_body(row));
    return body;
}

StoreHistoryBody columns(const std::vector<store::Panel::Sample>& samples) {
    StoreHistoryBody body;
    for (const store::Panel::Sample& each : samples) {
        body.seconds.push_back(each.unix_seconds);
        body.hits.push_back(rounded(each.hits_per_second));
        body.misses.push_back(rounded(each.misses_per_second));
        body.waiting.push_back(each.waiting);
    }
    return body;
}

}  // namespace

StoreBody store_body(const store::Panel::Now& now) {
    StoreBody body{
        .is_open = now.is_open,
        .lists = lookups_body(now),
        .created = {count(now.products_created), count(now.reviews_created), count(now.checkouts)},
        .tables = {},
        .history = columns(now.history)
    };
    if (now.tables) body.tables = tables_body(*now.tables);
    return body;
}

}  // namespace souk::operations
