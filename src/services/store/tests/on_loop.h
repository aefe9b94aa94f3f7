// An event loop of its own for a test's coroutines, and waiting with a deadline instead of
// sleeping.
#pragma once

#include "platform/core/loop.h"
#include "platform/core/task.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

namespace souk::store {

inline constexpr std::chrono::seconds test_patience{30};

class OnLoop {
public:
    template <typename T>
    T wait(core::Task<T> task) {
        std::future<T> result =
            boost::asio::co_spawn(loop_.context(), std::move(task), boost::asio::use_future);
        if (result.wait_for(test_patience) != std::future_status::ready)
            throw std::runtime_error("a coroutine did not end in time");
        return result.get();
    }

    core::Loop& loop() { return loop_; }

private:
    core::Loop loop_{"test"};
};

// True as soon as it is so, false when the deadline passes first.
template <typename Condition>
bool comes_true(Condition condition, std::chrono::milliseconds patience = test_patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace souk::store
