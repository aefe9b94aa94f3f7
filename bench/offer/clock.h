// The monotonic clock in the two units the generator uses.
#pragma once

#include <cstdint>
#include <time.h>

namespace offer {

inline std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// What log lines are dated with.
inline std::int64_t wall_ms() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000;
}

inline std::int64_t to_us(std::int64_t ns) { return ns / 1000; }

}  // namespace offer
