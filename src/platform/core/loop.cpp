#include "platform/core/loop.h"

#include <pthread.h>
#include <sched.h>
#include <utility>

namespace souk::core {
namespace {

std::size_t usable_cpus() {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    if (::sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
    return static_cast<std::size_t>(CPU_COUNT(&mask));
}

}  // namespace

Loop::Loop(std::string name)
    : work_(boost::asio::make_work_guard(context_)), thread_([this, name = std::move(name)] {
          ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
          context_.run();
      }) {}

Loop::~Loop() {
    stop();
    join();
}

void Loop::stop() { context_.stop(); }

void Loop::join() {
    if (thread_.joinable()) thread_.join();
}

Loops make_loops(std::size_t count) {
    Loops loops;
    for (std::size_t i = 0; i < (count == 0 ? usable_cpus() : count); ++i) {
        loops.push_back(std::make_unique<Loop>("loop-" + std::to_string(i)));
    }
    return loops;
}

}  // namespace souk::core
