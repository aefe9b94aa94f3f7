// "Look again", said on any thread to one who waits on a loop. What is said after fresh() ends the
// wait for what it gave, also when that has not begun yet.
#pragma once

#include "platform/core/event.h"

#include <memory>
#include <mutex>

namespace souk::jobs {

class Alarm {
public:
    std::shared_ptr<core::Event> fresh() {
        const std::lock_guard lock(mutex_);
        event_ = std::make_shared<core::Event>();
        return event_;
    }

    void ring() {
        std::unique_lock lock(mutex_);
        const std::shared_ptr<core::Event> event = event_;
        lock.unlock();
        event->set();
    }

private:
    std::mutex mutex_;
    std::shared_ptr<core::Event> event_ = std::make_shared<core::Event>();
};

}  // namespace souk::jobs
