// How another thread answers a coroutine that waits on its own event loop.
#pragma once

#include "platform/core/error.h"
#include "platform/core/task.h"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace souk::core {

struct Done {};

// One answer owed to one waiting coroutine. It may be given from any thread; the coroutine goes on
// on its own loop, which must outlive the thread that answers. A Reply that is dropped answers
// Unavailable, so that no coroutine waits for ever.
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
        if (waiter_) fail(Dropped{});
    }

    void give(T value) { std::exchange(waiter_, nullptr)->answer({}, std::move(value)); }

    // why.exception() is asked on the waiter's loop, so that every waiter throws one of its own.
    template <typename Failure>
    void fail(Failure why) {
        const auto waiter = std::exchange(waiter_, nullptr);
        waiter->answer([why = std::move(why)] { return why.exception(); }, T{});
    }

private:
    using MakeException = std::function<std::exception_ptr()>;  // empty: there is a value

    struct Dropped {
        std::exception_ptr exception() const {
            return std::make_exception_ptr(Unavailable("was closed before the answer"));
        }
    };

    struct Waiter {
        virtual ~Waiter() = default;
        virtual void answer(MakeException why, T value) = 0;
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
        void answer(MakeException why, T value) override {
            const auto loop = boost::asio::get_associated_executor(handler);
            auto resume = [busy = std::move(executor), to = std::move(handler),
                           why = std::move(why), value = std::move(value)]() mutable {
                std::move(to)(why ? why() : nullptr, std::move(value));
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
Task<T> await_reply(Start start) {
    constexpr boost::asio::use_awaitable_t<Executor> token;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&,
                                       void(std::exception_ptr, T)>(
        [](auto handler, Start begin) { begin(Reply<T>::to(std::move(handler))); }, token,
        std::move(start));
}

}  // namespace souk::core
