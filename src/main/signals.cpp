#include "main/signals.h"

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
        int next = 0;
        sigwait(&set_, &next);
        if (next != SIGUSR2) ::_exit(ended_by_force);
    });
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace souk
