// The token bucket in front of /order (F9): capacity N, refilled at N per second, full at start,
// one state word for all loops.
#pragma once

#include "platform/core/clock.h"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace souk::flash {

class Limiter {
public:
    // `per_second` 0 switches it off.
    Limiter(std::int64_t per_second, const core::Clock& clock);

    // Takes a token; false, and nothing taken, when there is no whole one.
    bool take();

    std::int64_t limit() const { return per_second_; }
    std::int64_t remaining() const;                // -1 when off
    std::chrono::milliseconds until_next() const;  // 0 when a token is there

private:
    std::int64_t now_ns() const;

    const core::Clock& clock_;
    std::int64_t per_second_;
    std::int64_t interval_ns_;  // between two tokens
    std::int64_t full_ns_;      // the time that all tokens are worth

    // The instant at which the bucket will be full again; each token taken moves it one interval
    // on.
    alignas(64) std::atomic<std::int64_t> full_at_ns_{0};
};

}  // namespace souk::flash
