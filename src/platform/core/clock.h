// Time is injected: everything that asks for it borrows a Clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace souk::core {

using Time = std::chrono::sys_time<std::chrono::microseconds>;  // wall clock, UTC
using Instant = std::chrono::steady_clock::time_point;          // never goes back

class Clock {
public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    virtual Instant instant() const = 0;
};

class SystemClock final : public Clock {
public:
    Time now() const override;
    Instant instant() const override;
};

// Unix milliseconds, the unit contracts and tables use.
std::int64_t to_ms(Time time);
Time from_ms(std::int64_t unix_ms);

}  // namespace souk::core
