// Looks up what costs a query, for people who watch: every five seconds while somebody does, and at
// once when it has changed.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/event.h"
#include "platform/core/task.h"

#include <atomic>
#include <exception>
#include <functional>

namespace souk::metrics {

class Lookout {
public:
    struct Work {
        std::function<bool()> can_look;
        std::function<core::Task<>()> look;  // what was seen last stays when it fails
        std::function<void(const std::exception&)> complain;  // about the first failure of a row
    };

    explicit Lookout(const core::Clock& clock) : clock_(clock) {}

    // Any thread.
    void note_watcher() { is_watched_ = true; }
    void look_again() { must_look_ = true; }
    void stop() { stopping_.set(); }

    // Until stop(). On a loop.
    core::Task<> run(Work work);

private:
    bool is_due();

    const core::Clock& clock_;
    core::Event stopping_;
    std::atomic<bool> is_watched_{false};
    std::atomic<bool> must_look_{false};
    core::Instant looked_at_{};  // of run()
};

}  // namespace souk::metrics
