#include "platform/core/pause.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace souk::core {

Task<> pause(std::chrono::milliseconds length) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, length);
    co_await timer.async_wait(boost::asio::use_awaitable_t<Executor>());
}

}  // namespace souk::core
