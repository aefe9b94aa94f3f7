// An issuer's keys, fetched when they are first needed and kept fresh: one fetch at a time, for
// everybody on every loop who waits for it.
#pragma once

#include "platform/auth/key_source.h"
#include "platform/core/clock.h"
#include "platform/core/event.h"
#include "platform/net/call.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace souk::auth {

// Sends one HTTP request: net::Client::send, or what a test has in its place.
using Fetch = std::function<core::Task<net::Answer>(net::Call)>;

class IssuerKeys final : public KeySource, public std::enable_shared_from_this<IssuerKeys> {
public:
    static constexpr std::chrono::seconds life{300};         // then a refresh is due
    static constexpr std::chrono::hours life_max{24};        // when every refresh fails
    static constexpr std::chrono::seconds retry_after{10};   // a refresh that failed
    static constexpr std::chrono::seconds first_retry{1};    // the same, while there are no keys
    static constexpr std::chrono::seconds unknown_pace{10};  // of refreshes for unknown key ids
    static constexpr std::chrono::milliseconds fetch_ms_max{3'000};
    static constexpr std::size_t set_bytes_max = 256 * 1024;

    // To be owned by a shared_ptr: a fetch under way holds on to it. The clock outlives the loops.
    IssuerKeys(std::string_view issuer, Fetch fetch, const core::Clock& clock);

    bool has_keys(const core::Executor& loop) override;
    core::Task<core::Result<SigningKeyPtr>> find(std::string key_id) override;
    core::Task<> prepare() override;
    bool is_up() const override;

private:
    // One fetch, from its start to its outcome.
    struct Flight {
        core::Event landed;
    };
    using FlightPtr = std::shared_ptr<Flight>;

    // What can be said of a key id at once: here is the key, or the fetch that may bring it.
    struct Glance {
        SigningKeyPtr key = nullptr;
        FlightPtr flight = nullptr;
        bool is_new_flight = false;
        std::chrono::milliseconds patience{0};
    };

    // With the mutex held:
    bool has_keys_at(core::Instant now) const { return now < keys_end_at_; }
    SigningKeyPtr key_at(core::Instant now, const std::string& key_id) const;
    void board(core::Instant now, Glance& glance);

    Glance look_for(const std::string& key_id);
    void launch(const core::Executor& loop, FlightPtr flight);
    static core::Task<> fly(std::shared_ptr<IssuerKeys> self, FlightPtr flight);
    core::Task<KeySet> fetch_keys() const;
    void land(Flight& flight, std::optional<KeySet> fresh);

    const std::string url_;
    const Fetch fetch_;
    const core::Clock& clock_;

    // A refresh is due from then on. Never after keys_end_at_, so that before it there are keys.
    std::atomic<core::Instant> due_at_{core::Instant::min()};

    mutable std::mutex mutex_;
    KeySet keys_;
    core::Instant keys_end_at_ = core::Instant::min();
    FlightPtr flight_;                                          // the one under way
    bool has_failed_ = false;                                   // the one before
    core::Instant quiet_until_ = core::Instant::min();          // while there are no keys
    core::Instant unknown_quiet_until_ = core::Instant::min();  // while there are
};

}  // namespace souk::auth
