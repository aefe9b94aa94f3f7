#include "platform/core/turns.h"

#include "platform/core/event.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <mutex>
#include <utility>

namespace souk::core {

struct Turns::Ticket {
    Event called;
    bool has_turn = false;  // guarded by the line's mutex
};

class Turns::Line {
public:
    explicit Line(std::size_t at_once_max) : free_(at_once_max) {}

    std::shared_ptr<Ticket> join() {
        auto ticket = std::make_shared<Ticket>();
        const std::lock_guard lock(mutex_);
        if (free_ > 0) {
            --free_;
            ticket->has_turn = true;
        } else {
            waiting_.push_back(ticket);
        }
        return ticket;
    }

    bool has_turn(const Ticket& ticket) const {
        const std::lock_guard lock(mutex_);
        return ticket.has_turn;
    }

    // The next is called under the lock: were it broken off with its loop at this moment, it would
    // have to leave first, and so its loop is still there.
    void leave(const std::shared_ptr<Ticket>& ticket) {
        const std::lock_guard lock(mutex_);
        if (!ticket->has_turn) {
            std::erase(waiting_, ticket);
        } else if (waiting_.empty()) {
            ++free_;
        } else {
            const std::shared_ptr<Ticket> next = std::move(waiting_.front());
            waiting_.pop_front();
            next->has_turn = true;
            next->called.set();
        }
    }

private:
    mutable std::mutex mutex_;
    std::size_t free_;
    std::deque<std::shared_ptr<Ticket>> waiting_;  // none while a place is free
};

Turns::Turns(std::size_t at_once_max)
    : line_(std::make_shared<Line>(at_once_max == 0 ? std::numeric_limits<std::size_t>::max()
                                                    : at_once_max)) {}

Task<std::optional<Turns::Turn>> Turns::take(std::chrono::milliseconds patience) {
    Turn turn(line_);
    if (!turn.has_come()) co_await turn.ticket_->called.wait(patience);
    if (!turn.has_come()) co_return std::nullopt;
    co_return std::optional<Turn>(std::move(turn));
}

Turns::Turn::Turn(std::shared_ptr<Line> line) : line_(std::move(line)), ticket_(line_->join()) {}

Turns::Turn::~Turn() {
    if (ticket_) line_->leave(ticket_);
}

bool Turns::Turn::has_come() const { return line_->has_turn(*ticket_); }

}  // namespace souk::core
