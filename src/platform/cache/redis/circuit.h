// Whether Redis may be asked now: its last failure is long enough ago. Any thread.
#pragma once

#include "platform/core/clock.h"

#include <atomic>
#include <chrono>

namespace souk::cache::on_redis {

class Circuit {
public:
    Circuit(const core::Clock& clock, std::chrono::milliseconds pause)
        : clock_(clock), pause_(pause) {}

    bool may_ask() const { return clock_.instant() >= closed_until_.load(); }
    bool is_connected() const { return connections_.load() > 0; }
    bool is_up() const { return is_connected() && may_ask(); }

    void note_failure() { closed_until_.store(clock_.instant() + pause_); }

    // True for the first connection after there was none.
    bool note_connected() {
        is_absence_told_.store(false);
        return connections_.fetch_add(1) == 0;
    }
    void note_lost() { connections_.fetch_sub(1); }

    // Nobody is connected, and that has not been told since somebody was.
    bool may_tell_absence() { return connections_.load() == 0 && !is_absence_told_.exchange(true); }

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
    std::atomic<int> connections_{0};
    std::atomic<bool> is_absence_told_{false};
    std::atomic<core::Instant> closed_until_{core::Instant::min()};
    std::atomic<core::Instant> complain_at_{core::Instant::min()};
};

}  // namespace souk::cache::on_redis
