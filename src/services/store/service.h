// The door of store: a shop's products, carts, reviews, contact form and checkout. See README.md.
#pragma once

#include "platform/auth/tokens.h"
#include "platform/cache/cache.h"
#include "platform/core/clock.h"
#include "platform/core/loop.h"
#include "platform/core/random.h"
#include "platform/db/database.h"
#include "platform/http/room.h"
#include "platform/mail/mail.h"
#include "platform/metrics/registry.h"
#include "platform/net/client.h"
#include "services/store/contact_messages.h"
#include "services/store/panel.h"
#include "services/store/settings.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace souk::store {

struct Deps {
    db::Database& database;
    cache::Cache* list_cache;  // null: lists are not kept
    bool shares_list_cache;    // with other processes, or with this one's next life
    cache::Cache& limits;      // counts of the contact form
    auth::Verifier& verifier;
    net::Client& client;  // for the webhook
    mail::Sender* mail;   // null: none
    core::Loop& background;
    const core::Clock& clock;
    core::Random& random;
    metrics::Registry& metrics;
};

struct Component {
    std::string name;  // "database"
    bool is_up;
    bool is_needed;      // false: without it the service is degraded, not down
    std::string detail;  // where it is, and when it is down what is the matter
};

class Service {
public:
    Service(Config config, Deps deps);
    ~Service();

    http::Room api();

    // Brings the tables up to date and then opens, both in the background; until then whoever needs
    // the database gets 500.
    void start();

    // After the listeners are gone: no new job is begun. False when something still waits for
    // another program: then the object must not be destroyed any more.
    bool stop();

    std::vector<Component> components() const;

    // As resend_contacts() does, and begins at once. On the loop of the caller; throws
    // core::Unavailable while the room is not ready.
    core::Task<std::int64_t> resend_contacts(std::optional<std::int64_t> id);

    // Likewise as resend_confirmations(); core::Unavailable also when no mail is set.
    core::Task<std::int64_t> resend_confirmations(std::optional<std::int64_t> order_id);

    Panel& panel();

private:
    class Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace souk::store
