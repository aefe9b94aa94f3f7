#include "platform/net/tests/slow_names.h"

#include <condition_variable>
#include <cstring>
#include <dlfcn.h>
#include <mutex>
#include <netdb.h>
#include <stdexcept>

namespace souk::net {
namespace {

struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_slow = false;
    int asking = 0;
};

State& state() {
    static State one;
    return one;
}

void think() {
    State& now = state();
    std::unique_lock lock(now.mutex);
    ++now.asking;
    now.changed.wait(lock, [&] { return !now.is_slow; });
    --now.asking;
    now.changed.notify_all();
}

using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

}  // namespace

SlowNames::SlowNames() {
    const std::lock_guard lock(state().mutex);
    state().is_slow = true;
}

SlowNames::~SlowNames() {
    std::unique_lock lock(state().mutex);
    state().is_slow = false;
    state().changed.notify_all();
    state().changed.wait(lock, [] { return state().asking == 0; });
}

}  // namespace souk::net

// Takes the place of the system's, which it asks for every other name.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
    if (name != nullptr && std::strcmp(name, souk::net::SlowNames::name) == 0) {
        souk::net::think();
        return EAI_NONAME;
    }
    static const auto real =
        reinterpret_cast<souk::net::Resolve>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (real == nullptr) throw std::runtime_error("there is no getaddrinfo");
    return real(name, service, hints, found);
}
