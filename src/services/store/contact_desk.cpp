#include "services/store/contact_desk.h"

#include "platform/core/uuid.h"
#include "services/store/errors.h"
#include "services/store/keyed_hash.h"
#include "services/store/rules.h"

#include <utility>
#include <vector>

namespace souk::store {
namespace {

using namespace std::chrono_literals;

constexpr int per_address_max = 5;
constexpr int per_email_max = 3;
constexpr auto window = 3'600s;

}  // namespace

// The limits may be counted in a cache that others can read: hashes will do there.
core::Task<std::chrono::seconds> ContactDesk::count(std::string ip_hash, std::string email_hash) {
    std::vector<cache::Limit> limits;
    limits.push_back({"contact:ip:" + ip_hash, per_address_max, window});
    limits.push_back({"contact:email:" + email_hash, per_email_max, window});
    co_return co_await parts_.limits.admit(std::move(limits));
}

core::Task<core::Result<StoredContact>> ContactDesk::take(Sent sent) {
    const std::string email = folded(sent.email);
    std::string ip_hash = hmac_sha256(key_, joined({"address", sent.address}));
    const std::chrono::seconds wait =
        co_await count(ip_hash, hmac_sha256(key_, joined({"email", email})));
    if (wait > 0s) {
        co_return core::Error{core::Fault::limited, rate_limited_code,
                              std::to_string(wait.count())};
    }

    const core::Time now = parts_.clock.now();
    // A robot is counted and answered as everybody is, so that it learns nothing.
    if (sent.is_robot) {
        const std::int64_t id = co_await next_contact_id(parts_.database);
        co_return StoredContact{.id = id, .created_at_ms = core::to_ms(now)};
    }
    NewContact message{.name = std::move(sent.name),
                       .email = std::move(sent.email),
                       .subject = std::move(sent.subject),
                       .message = std::move(sent.message),
                       .caller_email = std::move(sent.caller_email),
                       .ip_hash = std::move(ip_hash),
                       .key = core::to_string(core::make_uuid_v7(now, parts_.random)),
                       .digest = {},
                       .is_forwarded = parts_.forwards};
    message.digest = hmac_sha256(
        key_, joined({"message", email, message.name, message.subject, message.message}));
    co_return co_await store_contact(parts_.database, std::move(message), now);
}

}  // namespace souk::store
