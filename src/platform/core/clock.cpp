#include "platform/core/clock.h"

namespace souk::core {

Time SystemClock::now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

Instant SystemClock::instant() const { return std::chrono::steady_clock::now(); }

std::int64_t to_ms(Time time) {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Time from_ms(std::int64_t unix_ms) { return Time(std::chrono::milliseconds(unix_ms)); }

}  // namespace souk::core
