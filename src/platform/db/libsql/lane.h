// A queue in front of the server: so many at once, first come first served. On the database's loop
// only.
#pragma once

#include "platform/core/task.h"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <utility>

namespace souk::db::libsql {

class Lane {
public:
    // Places taken by somebody who was let in; given back when it is destroyed.
    class Turn {
    public:
        Turn(Lane& lane, std::size_t places) : lane_(&lane), places_(places) {}
        Turn(Turn&& other) noexcept
            : lane_(std::exchange(other.lane_, nullptr)), places_(other.places_) {}
        ~Turn() {
            if (lane_ != nullptr) lane_->leave(places_);
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        Turn& operator=(Turn&&) = delete;

    private:
        Lane* lane_;
        std::size_t places_;
    };

    Lane(boost::asio::io_context& context, std::size_t places)
        : context_(context), places_(places), free_(places) {}

    // Throws core::Unavailable when it is not its turn by then, or too many wait.
    core::Task<Turn> enter(std::size_t places, std::chrono::steady_clock::time_point until);
    core::Task<Turn> enter_alone(std::chrono::steady_clock::time_point until) {
        return enter(places_, until);
    }

    void close();  // nobody is let in any more

private:
    struct Waiter {
        std::size_t places;
        boost::asio::steady_timer timer;
        bool is_let_in = false;
    };

    void leave(std::size_t places);
    void let_in();

    boost::asio::io_context& context_;
    const std::size_t places_;
    std::size_t free_;
    std::deque<Waiter*> waiting_;  // each lives in the coroutine that waits
    bool is_closed_ = false;
};

}  // namespace souk::db::libsql
