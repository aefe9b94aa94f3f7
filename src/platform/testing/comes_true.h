// Waiting with a deadline, instead of sleeping, for what happens on another thread.
#pragma once

#include <chrono>
#include <thread>

namespace souk::testing {

inline constexpr std::chrono::seconds patience{30};

// True as soon as it is so, false when the deadline passes first.
template <typename Condition>
bool comes_true(Condition condition, std::chrono::milliseconds within = patience) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace souk::testing
