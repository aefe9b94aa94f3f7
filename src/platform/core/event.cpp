#include "platform/core/event.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace souk::core {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

// Touched only on its loop, except for `executor`.
class Event::Waiter {
public:
    Waiter(Executor on, std::chrono::milliseconds patience) : executor(on), timer(on, patience) {}
    Executor executor;
    Timer timer;
};

Task<bool> Event::wait(std::chrono::milliseconds patience) {
    const Executor executor = co_await asio::this_coro::executor;
    std::shared_ptr<Waiter> waiter;
    {
        const std::lock_guard lock(mutex_);
        if (is_set_) co_return true;
        waiter = std::make_shared<Waiter>(executor, patience);
        waiters_.push_back(waiter);
    }
    boost::system::error_code ignored;  // fired or cancelled: is_set() tells what happened
    co_await waiter->timer.async_wait(
        asio::redirect_error(asio::use_awaitable_t<Executor>(), ignored));
    const std::lock_guard lock(mutex_);
    std::erase(waiters_, waiter);
    co_return is_set_;
}

void Event::set() {
    Event* const self = this;
    set_all({&self, 1});
}

void Event::set_all(std::span<Event* const> events) {
    Waiters all;
    for (Event* const event : events) event->take_waiters(all);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return std::less<>()(&a->executor.context(), &b->executor.context());
    });
    while (!all.empty()) {
        const auto* const context = &all.back()->executor.context();
        const auto first = std::find_if(all.begin(), all.end(), [context](const auto& waiter) {
            return &waiter->executor.context() == context;
        });
        wake(Waiters(std::make_move_iterator(first), std::make_move_iterator(all.end())));
        all.erase(first, all.end());
    }
}

bool Event::is_set() const {
    const std::lock_guard lock(mutex_);
    return is_set_;
}

void Event::take_waiters(Waiters& into) {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    into.insert(into.end(), std::make_move_iterator(waiters_.begin()),
                std::make_move_iterator(waiters_.end()));
    waiters_.clear();
}

// All of one loop.
void Event::wake(Waiters waiters) {
    const Executor executor = waiters.front()->executor;
    asio::post(executor, [waiters = std::move(waiters)] {
        for (const std::shared_ptr<Waiter>& waiter : waiters) waiter->timer.cancel();
    });
}

}  // namespace souk::core
