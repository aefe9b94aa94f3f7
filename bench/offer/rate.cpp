// Open loop: order number n is due at start + n / rate, whatever the server does. When every
// connection is busy the order waits here, and its waiting counts, because latency runs from the
// moment it was due.

#include "clock.h"
#include "connection.h"
#include "modes.h"
#include "orders.h"
#include "report.h"

#include <cerrno>
#include <cmath>
#include <system_error>
#include <vector>

namespace offer {

namespace {

constexpr std::int64_t answer_wait_ns = 10'000'000'000;  // after the last order was due

class RateRun {
public:
    explicit RateRun(const Options& options);
    void run();
    std::string json() const;

private:
    struct Line {
        Connection connection;
        std::int64_t due_ns = 0;
        bool busy = false;
    };

    std::int64_t due_ns(std::uint64_t order) const {
        return start_ns_ + std::llround(static_cast<double>(order) * ns_per_order_);
    }
    void open_line(std::uint32_t index);
    void send_due();
    void take_answers(std::int64_t ns_max);
    void finish(std::uint32_t index, std::int64_t now, const Answer& answer);
    void lose(std::uint32_t index);
    void note_silence(std::int64_t now);

    const Options& options_;
    const double ns_per_order_;
    const std::uint64_t orders_;
    Orders requests_;
    Poller poller_;
    std::vector<Line> lines_;
    std::vector<std::uint32_t> free_;
    std::uint64_t sent_ = 0;
    std::uint64_t settled_ = 0;
    std::int64_t start_ns_ = 0;
    std::int64_t end_ns_ = 0;
    std::int64_t silent_since_ns_ = 0;  // the last answer, or the first order of a quiet spell
    Tally tally_;
    LongestPauses pauses_;
    LongestPauses own_pauses_;
    Histogram lateness_;  // of sending, for orders that had a free connection
};

RateRun::RateRun(const Options& options)
    : options_(options),
      ns_per_order_(1e9 / options.rate_per_second),
      orders_(static_cast<std::uint64_t>(options.rate_per_second * options.seconds)),
      requests_(options.product, options.seed),
      lines_(options.connections) {
    for (std::uint32_t i = 0; i < lines_.size(); ++i) {
        open_line(i);
        free_.push_back(i);
    }
}

void RateRun::open_line(std::uint32_t index) {
    Connection& connection = lines_[index].connection;
    if (!connection.open(options_.server)) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    poller_.add(connection.socket(), index);
}

void RateRun::run() {
    start_ns_ = now_ns();
    const std::int64_t deadline = due_ns(orders_) + answer_wait_ns;
    while (settled_ < orders_ && now_ns() < deadline) {
        send_due();
        const bool waits_for_time = sent_ < orders_ && !free_.empty();
        const std::int64_t until = waits_for_time ? due_ns(sent_) : deadline;
        const std::int64_t asked = std::max<std::int64_t>(until - now_ns(), 0);
        const std::int64_t before = now_ns();
        take_answers(asked);
        // A turn that took longer than it asked for was this program not being run.
        const std::int64_t excess = waits_for_time ? now_ns() - before - asked : 0;
        if (excess > 1'000'000) own_pauses_.add({to_us(excess), to_us(before - start_ns_)});
    }
    end_ns_ = now_ns();
}

void RateRun::send_due() {
    bool was_free = true;
    while (sent_ < orders_ && !free_.empty()) {
        const std::int64_t now = now_ns();
        const std::int64_t due = due_ns(sent_);
        if (due > now) return;
        const std::uint32_t index = free_.back();
        free_.pop_back();
        Line& line = lines_[index];
        line.due_ns = due;
        line.busy = true;
        if (sent_ == settled_) silent_since_ns_ = now;
        ++sent_;
        if (was_free) lateness_.add(to_us(now - due));
        was_free = false;  // those behind the first are late because of it
        if (!line.connection.send(requests_.next())) lose(index);
    }
}

void RateRun::take_answers(std::int64_t ns_max) {
    const std::span<const epoll_event> events = poller_.wait(ns_max);
    const std::int64_t now = now_ns();
    for (const epoll_event& event : events) {
        const std::uint32_t index = event.data.u32;
        Line& line = lines_[index];
        Answer answer;
        switch (line.connection.receive(answer)) {
            case Connection::Progress::waiting:
                break;
            case Connection::Progress::answered:
                finish(index, now, answer);
                break;
            case Connection::Progress::broken:
                lose(index);
                break;
        }
    }
}

void RateRun::finish(std::uint32_t index, std::int64_t now, const Answer& answer) {
    Line& line = lines_[index];
    if (!line.busy) return lose(index);  // an answer nobody asked for
    tally_.count(outcome_of(answer.status, answer.body), answer.status, to_us(now - line.due_ns));
    note_silence(now);
    line.busy = false;
    ++settled_;
    free_.push_back(index);
}

// A broken connection is counted, replaced, and its order is given up.
void RateRun::lose(std::uint32_t index) {
    ++tally_.broken_connections;
    Line& line = lines_[index];
    open_line(index);
    if (!line.busy) return;
    line.busy = false;
    ++settled_;
    free_.push_back(index);
}

void RateRun::note_silence(std::int64_t now) {
    pauses_.add({to_us(now - silent_since_ns_), to_us(silent_since_ns_ - start_ns_)});
    silent_since_ns_ = now;
}

std::string RateRun::json() const {
    const double seconds = static_cast<double>(end_ns_ - start_ns_) / 1e9;
    return "{\"mode\":\"rate\",\"seed\":" + std::to_string(options_.seed) +
           ",\"offered_per_second\":" + std::to_string(options_.rate_per_second) +
           ",\"seconds\":" + std::to_string(seconds) +
           ",\"connections\":" + std::to_string(lines_.size()) +
           ",\"offered\":" + std::to_string(orders_) +
           ",\"unanswered\":" + std::to_string(orders_ - settled_) + ',' + tally_json(tally_) +
           ",\"pauses\":" + pauses_json(pauses_) +
           ",\"generator_lateness\":" + distribution_json(lateness_) +
           ",\"generator_pauses\":" + pauses_json(own_pauses_) + '}';
}

}  // namespace

std::string run_rate(const Options& options) {
    RateRun run(options);
    run.run();
    return run.json();
}

}  // namespace offer
