// Event: something that happens once, said on any thread, awaited on event loops with a deadline.
#pragma once

#include "platform/core/task.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace souk::core {

class Event {
public:
    // True when the event has happened, false when `patience` ran out first.
    Task<bool> wait(std::chrono::milliseconds patience);

    // Any thread. Everything done before is seen by those who wake.
    void set();

    // The same for many events at once: wakes each loop only once.
    static void set_all(std::span<Event* const> events);

    bool is_set() const;

private:
    class Waiter;
    using Waiters = std::vector<std::shared_ptr<Waiter>>;

    void take_waiters(Waiters& into);
    static void wake(Waiters waiters);

    mutable std::mutex mutex_;
    bool is_set_ = false;
    Waiters waiters_;
};

}  // namespace souk::core
