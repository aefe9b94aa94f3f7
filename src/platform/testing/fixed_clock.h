// A clock that stands still until a test moves it. Safe to read from other threads meanwhile.
#pragma once

#include "platform/core/clock.h"

#include <atomic>
#include <chrono>
#include <cstdint>

namespace souk::testing {

class FixedClock final : public core::Clock {
public:
    explicit FixedClock(core::Time start = core::from_ms(1'700'000'000'000)) { set(start); }

    core::Time now() const override {
        return core::Time(std::chrono::microseconds(wall_us_.load()));
    }
    core::Instant instant() const override {
        return core::Instant(std::chrono::nanoseconds(steady_ns_.load()));
    }

    // Moves the wall clock only, as an operator or NTP would.
    void set(core::Time time) { wall_us_.store(time.time_since_epoch().count()); }

    // Time passes: both clocks move.
    void advance(std::chrono::nanoseconds by) {
        wall_us_.fetch_add(std::chrono::duration_cast<std::chrono::microseconds>(by).count());
        steady_ns_.fetch_add(by.count());
    }

private:
    std::atomic<std::int64_t> wall_us_{0};
    std::atomic<std::int64_t> steady_ns_{1'000'000'000};
};

}  // namespace souk::testing
