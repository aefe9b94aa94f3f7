#include "platform/testing/refused_threads.h"

#include <atomic>
#include <cerrno>
#include <dlfcn.h>
#include <pthread.h>

namespace souk::testing {
namespace {

std::atomic<bool> is_refusing{false};
std::atomic<int> refused{0};

}  // namespace

RefusedThreads::RefusedThreads() {
    refused = 0;
    is_refusing = true;
}

RefusedThreads::~RefusedThreads() { is_refusing = false; }

int RefusedThreads::refusals() const { return refused; }

}  // namespace souk::testing

// Takes the place of the system's, which it asks while nothing is refused.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*work)(void*), void* argument) noexcept {
    if (souk::testing::is_refusing) {
        ++souk::testing::refused;
        return EAGAIN;
    }
    static const auto real =
        reinterpret_cast<decltype(&::pthread_create)>(::dlsym(RTLD_NEXT, "pthread_create"));
    return real(thread, attributes, work, argument);
}
