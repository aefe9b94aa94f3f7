// Event loops to ask a cache from.
#pragma once

#include "platform/core/loop.h"
#include "platform/core/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace souk::cache {

class LoopRoom {
public:
    template <typename T>
    T wait(core::Task<T> task, std::size_t loop = 0) {
        return start(std::move(task), loop).get();
    }

    template <typename T>
    std::future<T> start(core::Task<T> task, std::size_t loop = 0) {
        return boost::asio::co_spawn(loops_[loop % loops_.size()]->context(), std::move(task),
                                     boost::asio::use_future);
    }

private:
    core::Loops loops_ = core::make_loops(2);
};

// Polls until the claim holds; false when it does not in a long time.
template <typename Claim>
bool comes_true(Claim claim) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
        if (claim()) return true;
        std::this_thread::yield();
    }
    return false;
}

}  // namespace souk::cache
