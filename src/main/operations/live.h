// /console/live: everything at once, then what is new with every tick.
#pragma once

#include "platform/core/task.h"
#include "platform/http/route.h"
#include "platform/metrics/history.h"
#include "platform/ws/peer.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace souk::operations {

class Live {
public:
    // Gives the text of a message, with the histories of these ticks. Any thread.
    using Write = std::function<std::string(metrics::Ticks ticks)>;

    explicit Live(Write write) : write_(std::move(write)) {}

    http::Upgraded handler();

    // What that does with one watcher, on its connection's loop.
    core::Task<> serve(std::shared_ptr<ws::Peer> peer);

    // After everything has been sampled, one caller at a time. The text is made here, once for all
    // who watch: their event loops, which take orders, only send it.
    void tell_all(std::uint64_t tick);

private:
    bool add(const std::shared_ptr<ws::Peer>& peer);

    const Write write_;
    std::mutex mutex_;
    std::uint64_t tick_ = 0;  // everybody has been told, or will be, of all up to this one
    std::vector<std::pair<core::Executor, std::weak_ptr<ws::Peer>>> watchers_;
};

}  // namespace souk::operations
