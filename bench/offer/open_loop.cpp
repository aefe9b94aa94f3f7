#include "open_loop.h"

#include "clock.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <system_error>
#include <utility>

namespace offer {

namespace {

constexpr std::int64_t answer_wait_ns = 10'000'000'000;  // after the last order was due

}  // namespace

OpenLoop::OpenLoop(const Options& options, double rate_per_second)
    : options_(options),
      rate_per_second_(rate_per_second),
      orders_(static_cast<std::uint64_t>(rate_per_second * options.seconds)),
      lines_(options.connections) {
    for (std::uint32_t i = 0; i < lines_.size(); ++i) {
        open_line(i);
        free_.push_back(i);
    }
}

std::int64_t OpenLoop::due_ns(std::uint64_t order) const {
    return start_ns_ + std::llround(static_cast<double>(order) * 1e9 / rate_per_second_);
}

void OpenLoop::open_line(std::uint32_t index) {
    Connection& connection = lines_[index].connection;
    if (!connection.open(options_.server)) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    poller_.add(connection.socket(), index);
}

void OpenLoop::run() {
    start_ns_ = now_ns();
    start_wall_ms_ = wall_ms();
    const std::int64_t deadline = due_ns(orders_) + answer_wait_ns;
    while (settled_ < orders_ && now_ns() < deadline) {
        each_turn(now_ns());
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

void OpenLoop::send_due() {
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
        if (was_free) lateness_.add(to_us(now - due));
        was_free = false;  // those behind the first are late because of it
        if (!line.connection.send(request(sent_++, index))) lose(index);
    }
}

void OpenLoop::take_answers(std::int64_t ns_max) {
    const std::span<const epoll_event> events = poller_.wait(ns_max);
    const std::int64_t now = now_ns();
    for (const epoll_event& event : events) {
        if (event.data.u32 == beside_tag()) {
            beside(now);
        } else {
            take_answer(event.data.u32, now);
        }
    }
}

void OpenLoop::take_answer(std::uint32_t index, std::int64_t now) {
    Answer answer;
    switch (lines_[index].connection.receive(answer)) {
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

void OpenLoop::finish(std::uint32_t index, std::int64_t now, const Answer& answer) {
    Line& line = lines_[index];
    if (!line.busy) return lose(index);  // an answer nobody asked for
    const Outcome outcome = outcome_of(answer.status, answer.body);
    note_silence(now);
    if (!is_over(index, answer, outcome)) {
        if (!line.connection.send(again(index))) lose(index);
        return;
    }
    tally_.count(outcome, answer.status, to_us(now - line.due_ns));
    set_free(index);
}

// A broken connection is counted and replaced; its order is given up or sent again.
void OpenLoop::lose(std::uint32_t index) {
    ++tally_.broken_connections;
    Line& line = lines_[index];
    open_line(index);
    if (!line.busy) return;
    if (!gives_up(index) && line.connection.send(again(index))) return;
    set_free(index);
}

void OpenLoop::set_free(std::uint32_t index) {
    lines_[index].busy = false;
    ++settled_;
    free_.push_back(index);
}

void OpenLoop::note_silence(std::int64_t now) {
    pauses_.add({to_us(now - silent_since_ns_), to_us(silent_since_ns_ - start_ns_)});
    silent_since_ns_ = now;
}

std::string OpenLoop::json() const {
    const double seconds = static_cast<double>(end_ns_ - start_ns_) / 1e9;
    return "\"mode\":\"" + options_.mode + "\",\"seed\":" + std::to_string(options_.seed) +
           ",\"offered_per_second\":" + std::to_string(rate_per_second_) +
           ",\"started_at_ms\":" + std::to_string(start_wall_ms_) +
           ",\"seconds\":" + std::to_string(seconds) +
           ",\"connections\":" + std::to_string(lines_.size()) +
           ",\"offered\":" + std::to_string(orders_) +
           ",\"unanswered\":" + std::to_string(orders_ - settled_) + ',' + tally_json(tally_) +
           ",\"pauses\":" + pauses_json(pauses_) +
           ",\"generator_lateness\":" + distribution_json(lateness_) +
           ",\"generator_pauses\":" + pauses_json(own_pauses_);
}

}  // namespace offer
