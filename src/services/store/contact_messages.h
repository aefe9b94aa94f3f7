// Messages of the contact form as rows: stored with the job that forwards them, told what became of
// it, listed and sent again by people.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "services/store/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace souk::store {

// The kind of the job that forwards one message; its payload is the message's key.
inline constexpr const char* forward_kind = "contact.forward";

struct ContactRow {
    std::int64_t id = 0;
    std::string name;
    std::string email;
    std::string subject;  // empty: none
    std::string message;
    std::string delivery;  // pending, sent, failed or disabled
    std::int64_t attempts = 0;
    std::int64_t created_at_ms = 0;
    std::optional<std::int64_t> next_attempt_at_ms;
    std::string last_error;
};

struct ContactFilter {
    std::string delivery;  // empty: all
    std::int64_t limit = 100;
};

// The newest first.
core::Task<std::vector<ContactRow>> list_contacts(db::Database& database, ContactFilter filter);

// Queues one message that is not pending, or all that failed, once more; gives how many. The
// running program finds the jobs by itself.
core::Task<std::int64_t> resend_contacts(db::Database& database, std::optional<std::int64_t> id,
                                         core::Time now);

struct ContactCounts {
    std::int64_t pending = 0;
    std::int64_t sent = 0;
    std::int64_t failed = 0;
    std::int64_t disabled = 0;
};
core::Task<ContactCounts> count_contacts(db::Database& database);

// Stores the message, with its job when it is to be forwarded, in one transaction. The same digest
// within ten minutes is the same message: nothing is stored, and the first one is given.
struct StoredContact {
    std::int64_t id = 0;
    std::int64_t created_at_ms = 0;
};
core::Task<StoredContact> store_contact(db::Database& database, NewContact message, core::Time now);

// The id that a message would get that is not stored after all.
core::Task<std::int64_t> next_contact_id(db::Database& database);

// For the job.
struct Forwarding {
    ContactRow row;
    bool is_mailed = false;  // by an attempt before this one
    bool is_called = false;  // the webhook, likewise
};
core::Task<std::optional<Forwarding>> find_contact(db::Database& database, std::string key);
core::Task<> note_mailed(db::Database& database, std::string key, core::Time now);
core::Task<> note_called(db::Database& database, std::string key, core::Time now);
core::Task<> note_sent(db::Database& database, std::string key, int attempts);
struct Failed {
    int attempts = 0;
    std::string why;
    std::optional<core::Time> next;  // nullopt: given up
};
core::Task<> note_failed(db::Database& database, std::string key, Failed failed);

// Forgets digests that are older than the ten minutes.
core::Task<> forget_old_digests(db::Database& database, core::Time now);

}  // namespace souk::store
