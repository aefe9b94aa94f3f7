// Open loop: order number n is due at start + n / rate, whatever the server does. When every
// connection is busy the order waits here, and its waiting counts, because latency runs from the
// moment it was due. What is ordered is up to the kind of load.
#pragma once

#include "connection.h"
#include "options.h"
#include "orders.h"
#include "report.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace offer {

class OpenLoop {
public:
    OpenLoop(const Options& options, double rate_per_second);
    virtual ~OpenLoop() = default;
    OpenLoop(const OpenLoop&) = delete;
    OpenLoop& operator=(const OpenLoop&) = delete;

    void run();

protected:
    // The bytes of the next order, which goes out on this connection.
    virtual std::string_view request(std::uint64_t order, std::uint32_t line) = 0;
    // True when the order is over; false to send the bytes of again() on the same connection.
    virtual bool is_over(std::uint32_t /*line*/, const Answer& /*answer*/, Outcome /*outcome*/) {
        return true;
    }
    virtual bool gives_up(std::uint32_t /*line*/) { return true; }  // the connection broke
    virtual std::string_view again(std::uint32_t /*line*/) { return {}; }
    // Once a turn, and for what is polled beside the orders.
    virtual void each_turn(std::int64_t /*now*/) {}
    virtual void beside(std::int64_t /*now*/) {}

    std::string json() const;  // members without the braces around them

    const Options& options_;
    Poller poller_;
    std::uint32_t beside_tag() const { return static_cast<std::uint32_t>(lines_.size()); }

private:
    struct Line {
        Connection connection;
        std::int64_t due_ns = 0;
        bool busy = false;
    };

    std::int64_t due_ns(std::uint64_t order) const;
    void open_line(std::uint32_t index);
    void send_due();
    void take_answers(std::int64_t ns_max);
    void take_answer(std::uint32_t index, std::int64_t now);
    void finish(std::uint32_t index, std::int64_t now, const Answer& answer);
    void lose(std::uint32_t index);
    void set_free(std::uint32_t index);
    void note_silence(std::int64_t now);

    const double rate_per_second_;
    const std::uint64_t orders_;
    std::vector<Line> lines_;
    std::vector<std::uint32_t> free_;
    std::uint64_t sent_ = 0;
    std::uint64_t settled_ = 0;
    std::int64_t start_ns_ = 0;
    std::int64_t start_wall_ms_ = 0;
    std::int64_t end_ns_ = 0;
    std::int64_t silent_since_ns_ = 0;  // the last answer, or the first order of a quiet spell
    Tally tally_;
    LongestPauses pauses_;
    LongestPauses own_pauses_{200};
    Histogram lateness_;  // of sending, for orders that had a free connection
};

}  // namespace offer
