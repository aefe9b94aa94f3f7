// How a thread of the database answers a coroutine that waits on its own event loop.
#pragma once

#include "platform/core/task.h"
#include "platform/db/failure.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace souk::db {

struct Done {};

// One answer owed to one waiting coroutine. It may be given from any thread; the coroutine goes on
// on its own loop, which must live until then. A Reply that is dropped answers "was closed", so
// that no coroutine waits for ever.
template <typename T>
class Reply {
public:
    template <typename Handler>
    static Reply to(Handler handler) {
        Reply reply;
        reply.waiter_ = std::make_unique<Waiting<Handler>>(std::move(handler));
        return reply;
    }

    Reply(Reply&&) noexcept = default;
    Reply& operator=(Reply&& other) noexcept {
        std::swap(waiter_, other.waiter_);
        return *this;
    }
    ~Reply() {
        if (waiter_) fail(Failure::unavailable("the database was closed"));
    }

    void give(T value) { std::exchange(waiter_, nullptr)->answer(std::nullopt, std::move(value)); }
    void fail(Failure why) { std::exchange(waiter_, nullptr)->answer(std::move(why), T{}); }

private:
    struct Waiter {
        virtual ~Waiter() = default;
        virtual void answer(std::optional<Failure> why, T value) = 0;
    };

    template <typename Handler>
    struct Waiting final : Waiter {
        using Tracked = std::decay_t<decltype(boost::asio::prefer(
            boost::asio::get_associated_executor(std::declval<const Handler&>()),
            boost::asio::execution::outstanding_work.tracked))>;

        explicit Waiting(Handler to)
            : executor(boost::asio::prefer(boost::asio::get_associated_executor(to),
                                           boost::asio::execution::outstanding_work.tracked)),
              handler(std::move(to)) {}

        // Once posted, the loop may go on and even end at once: nothing here may refer to it then.
        void answer(std::optional<Failure> why, T value) override {
            const auto loop = boost::asio::get_associated_executor(handler);
            auto resume = [busy = std::move(executor), to = std::move(handler),
                           why = std::move(why), value = std::move(value)]() mutable {
                std::move(to)(why ? why->exception() : nullptr, std::move(value));
            };
            boost::asio::post(loop, std::move(resume));
        }

        Tracked executor;  // keeps the loop running while somebody waits on it
        Handler handler;
    };

    Reply() = default;

    std::unique_ptr<Waiter> waiter_;
};

// Suspends the caller, calls start(Reply<T>) and resumes when the reply is given.
template <typename T, typename Start>
core::Task<T> await_reply(Start start) {
    constexpr boost::asio::use_awaitable_t<core::Executor> token;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<core::Executor>&,
                                       void(std::exception_ptr, T)>(
        [](auto handler, Start begin) { begin(Reply<T>::to(std::move(handler))); }, token,
        std::move(start));
}

}  // namespace souk::db
