#include "platform/auth/issuer_keys.h"

#include "platform/auth/claims.h"
#include "platform/auth/refusals.h"
#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace souk::auth {
namespace {

// The fetch ends by itself; the rest is for loops that are busy.
constexpr std::chrono::milliseconds patience = IssuerKeys::fetch_ms_max + std::chrono::seconds(1);

// While the issuer does not answer, not every request is to wait as long as the first did.
constexpr std::chrono::milliseconds patience_after_failure{300};

}  // namespace

IssuerKeys::IssuerKeys(std::string_view issuer, Fetch fetch, const core::Clock& clock)
    : url_(std::string(without_slash(issuer)) + "/.well-known/jwks.json"),
      fetch_(std::move(fetch)),
      clock_(clock) {}

bool IssuerKeys::has_keys(const core::Executor& loop) {
    const core::Instant now = clock_.instant();
    if (now < due_at_.load()) return true;
    FlightPtr mine;
    {
        const std::lock_guard lock(mutex_);
        if (!has_keys_at(now)) return false;
        if (flight_ || now < due_at_.load()) return true;
        due_at_ = std::min(now + retry_after, keys_end_at_);
        mine = flight_ = std::make_shared<Flight>();
    }
    launch(loop, std::move(mine));
    return true;
}

core::Task<core::Result<SigningKeyPtr>> IssuerKeys::find(std::string key_id) {
    Glance glance = look_for(key_id);
    if (glance.is_new_flight) launch(co_await boost::asio::this_coro::executor, glance.flight);
    if (glance.flight) {
        co_await glance.flight->landed.wait(glance.patience);
        const std::lock_guard lock(mutex_);
        glance.key = key_at(clock_.instant(), key_id);
    }
    if (glance.key) co_return std::move(glance.key);
    if (!is_up()) co_return keys_unavailable();
    co_return invalid_token("the token is signed with a key its issuer does not have");
}

core::Task<> IssuerKeys::prepare() {
    if (is_up()) co_return;
    // No key has this id; but looking for it fetches them all.
    static_cast<void>(co_await find({}));
}

bool IssuerKeys::is_up() const {
    const std::lock_guard lock(mutex_);
    return has_keys_at(clock_.instant());
}

SigningKeyPtr IssuerKeys::key_at(core::Instant now, const std::string& key_id) const {
    const auto found = keys_.find(key_id);
    return has_keys_at(now) && found != keys_.end() ? found->second : nullptr;
}

IssuerKeys::Glance IssuerKeys::look_for(const std::string& key_id) {
    const core::Instant now = clock_.instant();
    const std::lock_guard lock(mutex_);
    Glance glance{.key = key_at(now, key_id)};
    if (!glance.key) board(now, glance);
    return glance;
}

// The fetch under way, or a new one unless the last is too young.
void IssuerKeys::board(core::Instant now, Glance& glance) {
    const bool has_keys = has_keys_at(now);
    glance.patience = has_failed_ && !has_keys ? patience_after_failure : patience;
    glance.flight = flight_;
    if (flight_ || now < (has_keys ? unknown_quiet_until_ : quiet_until_)) return;
    if (has_keys) unknown_quiet_until_ = now + unknown_pace;
    glance.is_new_flight = true;
    glance.flight = flight_ = std::make_shared<Flight>();
}

void IssuerKeys::launch(const core::Executor& loop, FlightPtr flight) {
    boost::asio::co_spawn(loop, fly(shared_from_this(), std::move(flight)), boost::asio::detached);
}

core::Task<> IssuerKeys::fly(std::shared_ptr<IssuerKeys> self, FlightPtr flight) {
    std::optional<KeySet> fresh;
    try {
        fresh = co_await self->fetch_keys();
    } catch (const std::exception& failure) {
        log::warn("souk", "the keys of a token issuer cannot be fetched",
                  {
                      {"url",    self->url_    },
                      {"reason", failure.what()}
        });
    }
    self->land(*flight, std::move(fresh));
}

core::Task<KeySet> IssuerKeys::fetch_keys() const {
    net::Call call;
    call.url = url_;
    call.patience = fetch_ms_max;
    call.body_bytes_max = set_bytes_max;
    const net::Answer answer = co_await fetch_(std::move(call));
    if (answer.status != 200)
        throw core::Unavailable("the answer has status " + std::to_string(answer.status));
    KeySet keys = read_key_set(answer.body);
    if (keys.empty()) throw core::Unavailable("the answer holds no RSA key for signatures");
    co_return keys;
}

void IssuerKeys::land(Flight& flight, std::optional<KeySet> fresh) {
    {
        const std::lock_guard lock(mutex_);
        const core::Instant now = clock_.instant();
        has_failed_ = !fresh;
        if (fresh) {
            keys_ = succeed(keys_, std::move(*fresh));
            keys_end_at_ = now + life_max;
        }
        quiet_until_ = now + first_retry;
        due_at_ = std::min(now + (fresh ? life : retry_after), keys_end_at_);
        flight_.reset();
    }
    flight.landed.set();
}

}  // namespace souk::auth
