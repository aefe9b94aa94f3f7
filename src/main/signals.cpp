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
    sigaddset(&set_, SIGUSR2);  // only to end the watcher
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    watcher_ = std::thread([this] { watch(); });
}

Signals::~Signals() {
    is_over_ = true;
    ::pthread_kill(watcher_.native_handle(), SIGUSR2);
    watcher_.join();
}

void Signals::wait() { first_.wait(); }

int Signals::next(const timespec* patience) const {
    int signal = SIGUSR2;
    while (!is_over_ && (signal == SIGUSR2 || (signal < 0 && errno == EINTR)))
        signal = ::sigtimedwait(&set_, nullptr, patience);
    return signal;
}

void Signals::watch() {
    ::pthread_setname_np(::pthread_self(), "signals");
    next(nullptr);
    if (is_over_) return;
    first_.count_down();
    const timespec patience{.tv_sec = 9, .tv_nsec = 500'000'000};
    const int second = next(&patience);
    if (is_over_) return;
    if (second > 0) ::_exit(ended_by_force);
    log::warn("souk", "stopped without waiting for what still hangs after ten seconds");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // for that line to be written
    ::_exit(0);
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace souk
