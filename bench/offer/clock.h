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

inline std::int64_t to_us(std::int64_t ns) { return ns / 1000; }

}  // namespace offer
