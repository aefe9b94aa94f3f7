// store's panel as JSON.
#pragma once

#include "platform/json/schema.h"
#include "platform/json/write.h"
#include "services/store/panel.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace souk::operations {

struct LookupsBody {
    std::int64_t hits = 0;
    std::int64_t misses = 0;
    double hits_per_second = 0;
    double misses_per_second = 0;
    std::optional<double> hit_share;
};
struct CreatedBody {
    std::int64_t products = 0;
    std::int64_t reviews = 0;
    std::int64_t checkouts = 0;
};
struct OutboxBody {
    std::int64_t pending = 0;
    std::int64_t sent = 0;
    std::int64_t failed = 0;
    std::int64_t disabled = 0;
};
struct JobsBody {
    std::int64_t waiting = 0;
    std::int64_t given_up = 0;
    double oldest_seconds = 0;
};
struct FailedMessageBody {
    std::int64_t id = 0;
    std::string name;
    std::string email;
    std::string subject;
    std::int64_t attempts = 0;
    std::string last_error;
    std::string created_at;
};
struct StoreTablesBody {
    std::int64_t products = 0;
    OutboxBody outbox;
    JobsBody jobs;
    std::vector<FailedMessageBody> failed_messages;
};
struct StoreHistoryBody {
    std::vector<std::int64_t> seconds;
    std::vector<double> hits;
    std::vector<double> misses;
    std::vector<std::int64_t> waiting;
};
struct StoreBody {
    bool is_open = false;
    LookupsBody lists;
    CreatedBody created;
    std::optional<StoreTablesBody> tables;
    StoreHistoryBody history;
};

StoreBody store_body(const store::Panel::Now& now);

}  // namespace souk::operations

namespace souk::json {

template <>
inline constexpr auto shape<operations::LookupsBody> = object(
    "Lookups",
    field("hits", &operations::LookupsBody::hits, "lists answered from the cache, since the start"),
    field("misses", &operations::LookupsBody::misses),
    field("hitsPerSecond", &operations::LookupsBody::hits_per_second),
    field("missesPerSecond", &operations::LookupsBody::misses_per_second),
    field("hitShare", &operations::LookupsBody::hit_share,
          "of all since the start, 0 to 1; null without any"));
template <>
inline constexpr auto shape<operations::CreatedBody> =
    object("Created", field("products", &operations::CreatedBody::products, "since the start"),
           field("reviews", &operations::CreatedBody::reviews),
           field("checkouts", &operations::CreatedBody::checkouts));
template <>
inline constexpr auto shape<operations::OutboxBody> = object(
    "Outbox",
    field("pending", &operations::OutboxBody::pending, "messages of the contact form on their way"),
    field("sent", &operations::OutboxBody::sent),
    field("failed", &operations::OutboxBody::failed, "given up"),
    field("disabled", &operations::OutboxBody::disabled,
          "kept while nothing was set that forwards them"));
template <>
inline constexpr auto shape<operations::JobsBody> =
    object("Jobs", field("waiting", &operations::JobsBody::waiting),
           field("givenUp", &operations::JobsBody::given_up),
           field("oldestSeconds", &operations::JobsBody::oldest_seconds,
                 "how long the longest due one has been due"));
template <>
inline constexpr auto shape<operations::FailedMessageBody> =
    object("FailedMessage", field("id", &operations::FailedMessageBody::id),
           field("name", &operations::FailedMessageBody::name),
           field("email", &operations::FailedMessageBody::email),
           field("subject", &operations::FailedMessageBody::subject),
           field("attempts", &operations::FailedMessageBody::attempts),
           field("lastError", &operations::FailedMessageBody::last_error),
           field("createdAt", &operations::FailedMessageBody::created_at));
template <>
inline constexpr auto shape<operations::StoreTablesBody> =
    object("StoreTables", field("products", &operations::StoreTablesBody::products),
           field("outbox", &operations::StoreTablesBody::outbox),
           field("jobs", &operations::StoreTablesBody::jobs),
           field("failedMessages", &operations::StoreTablesBody::failed_messages, "the newest"));
template <>
inline constexpr auto shape<operations::StoreHistoryBody> =
    object("StoreHistory", field("seconds", &operations::StoreHistoryBody::seconds),
           field("hits", &operations::StoreHistoryBody::hits),
           field("misses", &operations::StoreHistoryBody::misses),
           field("waiting", &operations::StoreHistoryBody::waiting, "jobs"));
template <>
inline constexpr auto shape<operations::StoreBody> = object(
    "Store", field("isOpen", &operations::StoreBody::is_open, "answers from its tables"),
    field("lists", &operations::StoreBody::lists, "of products, by way of the cache"),
    field("created", &operations::StoreBody::created),
    field("tables", &operations::StoreBody::tables, "null until the database has been asked"),
    field("history", &operations::StoreBody::history, "by the second"));

}  // namespace souk::json
