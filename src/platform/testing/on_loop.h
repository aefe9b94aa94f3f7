// Event loops of a test's own, for its coroutines.
#pragma once

#include "platform/core/loop.h"
#include "platform/core/task.h"
#include "platform/testing/comes_true.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <future>
#include <stdexcept>
#include <utility>

namespace souk::testing {

// A number that says which loop counts round.
class OnLoop {
public:
    explicit OnLoop(std::size_t loops = 1) : loops_(core::make_loops(loops)) {}

    template <typename T>
    std::future<T> start(core::Task<T> task, std::size_t which = 0) {
        return boost::asio::co_spawn(loop(which).context(), std::move(task),
                                     boost::asio::use_future);
    }

    template <typename T>
    static T finish(std::future<T> result) {
        if (result.wait_for(patience) != std::future_status::ready)
            throw std::runtime_error("a coroutine did not end in time");
        return result.get();
    }

    template <typename T>
    T wait(core::Task<T> task, std::size_t which = 0) {
        return finish(start(std::move(task), which));
    }

    std::size_t size() const { return loops_.size(); }
    core::Loop& loop(std::size_t which = 0) { return *loops_[which % loops_.size()]; }

private:
    core::Loops loops_;
};

}  // namespace souk::testing
