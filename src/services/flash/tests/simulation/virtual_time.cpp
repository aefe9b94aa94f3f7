#include "services/flash/tests/simulation/virtual_time.h"

#include <cerrno>
#include <chrono>
#include <ctime>

namespace souk::flash::simulation {
namespace {

thread_local const testing::FixedClock* current = nullptr;  // other threads have the real time

}  // namespace

VirtualTime::VirtualTime(const testing::FixedClock& clock) { current = &clock; }
VirtualTime::~VirtualTime() { current = nullptr; }

}  // namespace souk::flash::simulation

// The program's own definitions come before those of the shared libraries.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
    if (const auto* clock = souk::flash::simulation::current) return clock->instant();
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return time_point(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

// Without a timer of the kernel Asio looks at the clock whenever it is polled.
extern "C" int timerfd_create(int, int) {
    errno = ENOSYS;
    return -1;
}
