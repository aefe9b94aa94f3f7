// Takes what the contact form sends, within its limits (spec 5.9).
#pragma once

#include "platform/cache/cache.h"
#include "platform/core/clock.h"
#include "platform/core/random.h"
#include "platform/core/result.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "services/store/contact_messages.h"
#include "services/store/types.h"

#include <string>

namespace souk::store {

class ContactDesk {
public:
    struct Parts {
        db::Database& database;
        cache::Cache& limits;
        const core::Clock& clock;
        core::Random& random;
        bool forwards;  // whether there is anybody to forward messages to
    };

    // What was sent, checked.
    struct Sent {
        std::string name;
        std::string email;
        std::string subject;
        std::string message;
        std::string caller_email;  // empty: nobody known
        std::string address;       // of the client; as text, IPv6 by its network
        bool is_robot = false;     // filled in what people do not see
    };

    explicit ContactDesk(Parts parts) : parts_(parts) {}

    // Addresses and messages are hashed with it; set before the room opens.
    void set_key(std::string key) { key_ = std::move(key); }

    // Refused: RATE_LIMITED, with the seconds to wait as its message (http_errors.cpp makes the
    // words).
    core::Task<core::Result<StoredContact>> take(Sent sent);

private:
    core::Task<std::chrono::seconds> count(std::string ip_hash, std::string email_hash);

    Parts parts_;
    std::string key_;
};

}  // namespace souk::store
