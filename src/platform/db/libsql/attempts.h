// How often, and until when, something is tried that may pass by itself.
#pragma once

#include "platform/core/pause.h"
#include "platform/core/task.h"

#include <algorithm>
#include <chrono>

namespace souk::db::libsql {

class Attempts {
public:
    using Clock = std::chrono::steady_clock;

    explicit Attempts(std::chrono::milliseconds patience) : deadline_(Clock::now() + patience) {}

    Clock::time_point deadline() const { return deadline_; }

    // What is left of the patience, at least a moment: a call without any would be refused.
    std::chrono::milliseconds left() const {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
        return std::max(left, std::chrono::milliseconds(1));
    }

    // After a pause, longer each time: whether there is time for another attempt.
    core::Task<bool> again() {
        pause_ = std::min(pause_ * 2, pause_max);
        if (Clock::now() + pause_ >= deadline_) co_return false;
        co_await core::pause(pause_);
        co_return true;
    }

private:
    static constexpr std::chrono::milliseconds pause_max{200};

    const Clock::time_point deadline_;
    std::chrono::milliseconds pause_{5};
};

}  // namespace souk::db::libsql
