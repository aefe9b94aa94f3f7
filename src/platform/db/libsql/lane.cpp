#include "platform/db/libsql/lane.h"

#include "platform/core/error.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace souk::db::libsql {
namespace {

constexpr std::size_t waiting_max = 4096;

}  // namespace

core::Task<Lane::Turn> Lane::enter(std::size_t places,
                                   std::chrono::steady_clock::time_point until) {
    if (is_closed_) throw core::Unavailable("the database is being closed");
    if (waiting_.empty() && free_ >= places) {
        free_ -= places;
        co_return Turn(*this, places);
    }
    if (waiting_.size() >= waiting_max)
        throw core::Unavailable("too many statements are waiting for libSQL");
    Waiter waiter{places, boost::asio::steady_timer(context_, until)};
    waiting_.push_back(&waiter);
    boost::system::error_code ended;  // in time or not: is_let_in tells
    co_await waiter.timer.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable_t<core::Executor>(), ended));
    if (waiter.is_let_in) co_return Turn(*this, places);
    std::erase(waiting_, &waiter);
    let_in();  // whoever was behind may need fewer places
    throw core::Unavailable(is_closed_ ? "the database is being closed"
                                       : "libSQL was busy with other statements for too long");
}

void Lane::leave(std::size_t places) {
    free_ += places;
    let_in();
}

void Lane::let_in() {
    while (!is_closed_ && !waiting_.empty() && free_ >= waiting_.front()->places) {
        Waiter& next = *waiting_.front();
        waiting_.pop_front();
        free_ -= next.places;
        next.is_let_in = true;
        next.timer.cancel();
    }
}

void Lane::close() {
    is_closed_ = true;
    for (Waiter* each : waiting_) each->timer.cancel();
}

}  // namespace souk::db::libsql
