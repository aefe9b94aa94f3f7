#include "platform/metrics/lookout.h"

#include <utility>

namespace souk::metrics {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 5s;
constexpr auto look_for_watchers_every = 500ms;

}  // namespace

core::Task<> Lookout::run(Work work) {
    bool has_failed = false;
    while (!co_await stopping_.wait(look_for_watchers_every)) {
        if (!work.can_look() || !is_due()) continue;
        try {
            co_await work.look();
            has_failed = false;
        } catch (const std::exception& failure) {
            if (!std::exchange(has_failed, true)) work.complain(failure);
        }
    }
}

bool Lookout::is_due() {
    const core::Instant now = clock_.instant();
    const bool is_wanted = now - looked_at_ >= look_every && is_watched_;
    if (!is_wanted && !must_look_) return false;
    is_watched_ = false;
    must_look_ = false;
    looked_at_ = now;
    return true;
}

}  // namespace souk::metrics
