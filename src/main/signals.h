// SIGTERM and SIGINT end the program in order, within ten seconds; a second one ends it at once.
#pragma once

#include <atomic>
#include <csignal>
#include <ctime>
#include <latch>
#include <thread>

namespace souk {

class Signals {
public:
    // Blocks both in this thread and all threads started later. A pipe without a reader and a file
    // at its size limit are errors to handle, not reasons to die.
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // Returns at the first signal; from then on the next one ends the process, and so does the end
    // of its time: something hangs then, a disk or a name server, and no promise needs it.
    void wait();

private:
    void watch();
    int next(const timespec* patience) const;  // negative: none came

    sigset_t set_;
    std::latch first_{1};  // until the first signal
    std::atomic<bool> is_over_{false};
    std::thread watcher_;  // there from the start: at the end the system may give no more threads
};

// As many open files as the system lets this process have: one per connection.
void raise_descriptor_limit();

}  // namespace souk
