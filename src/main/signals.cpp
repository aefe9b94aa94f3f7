#include "main/signals.h"

#include "platform/log/log.h"

#include <cerrno>
#include <chrono>
#include <ctime>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace souk {
namespace {

constexpr int ended_by_force = 130;

}  // namespace

Signals::Signals() {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGUSR2);  // only to end the thread below
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

Signals::~Signals() {
    if (!second_.joinable()) return;
    ::pthread_kill(second_.native_handle(), SIGUSR2);
    second_.join();
}

void Signals::wait() {
    int signal = 0;
    do {
        sigwait(&set_, &signal);
    } while (signal == SIGUSR2);
    second_ = std::thread([this] {
        const timespec patience{.tv_sec = 9, .tv_nsec = 500'000'000};
        int next = 0;
        do {
            next = ::sigtimedwait(&set_, nullptr, &patience);
        } while (next < 0 && errno == EINTR);
        if (next == SIGUSR2) return;
        if (next > 0) ::_exit(ended_by_force);
        log::warn("souk", "stopped without waiting for what still hangs after ten seconds");
        std::this_thread::sleep_for(std::chrono::milliseconds(200));  // for that line to be written
        ::_exit(0);
    });
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace souk
