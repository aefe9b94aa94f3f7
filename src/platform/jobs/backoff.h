// How long to wait before the database is asked again.
#pragma once

#include <algorithm>
#include <chrono>

namespace souk::jobs {

constexpr std::chrono::milliseconds first_backoff{50};
constexpr std::chrono::milliseconds last_backoff{5000};

// After a pause of that length, or after none.
constexpr std::chrono::milliseconds longer(std::chrono::milliseconds backoff) {
    return std::clamp(backoff * 2, first_backoff, last_backoff);
}

}  // namespace souk::jobs
