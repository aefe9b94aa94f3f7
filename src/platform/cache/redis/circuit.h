// Whether Redis may be asked now: it is connected, and its last failure is long enough ago. Any
// thread.
#pragma once

#include "platform/core/clock.h"

#include <atomic>
#include <chrono>

namespace souk::cache::on_redis {

class Circuit {
public:
    Circuit(const core::Clock& clock, std::chrono::milliseconds pause)
        : clock_(clock), pause_(pause) {}

    bool may_ask() const { return is_connected_.load() && clock_.instant() >= closed_at_.load(); }
    void note_connected(bool is_connected) { is_connected_.store(is_connected); }
    void note_failure() { closed_at_.store(clock_.instant() + pause_); }

    // At most once in ten seconds, so that a Redis in trouble does not fill the log.
    bool may_complain() {
        const core::Instant now = clock_.instant();
        core::Instant at = complain_at_.load();
        return now >= at &&
               complain_at_.compare_exchange_strong(at, now + std::chrono::seconds(10));
    }

private:
    const core::Clock& clock_;
    const std::chrono::milliseconds pause_;
    std::atomic<bool> is_connected_{false};
    std::atomic<core::Instant> closed_at_{core::Instant::min()};
    std::atomic<core::Instant> complain_at_{core::Instant::min()};
};

}  // namespace souk::cache::on_redis
