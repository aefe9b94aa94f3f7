// The contract's load profile. A user sends an order, waits for its answer and sends the next at
// once. Users rise linearly from 0 to 50 in 10 s and to 100 in the next 10 s, then fall to 0 in 5
// s; one who leaves drops what is under way. Redirects are not followed.

#include "clock.h"
#include "connection.h"
#include "modes.h"
#include "orders.h"
#include "report.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace offer {

namespace {

constexpr std::size_t users_max = 100;
constexpr double rise_s = 20;  // both rises are 5 users a second, so they are one
constexpr double fall_s = 5;
constexpr std::int64_t turn_ns_max = 5'000'000;

std::size_t users_at(double second) {
    const double top = users_max;
    const double users =
        second <= rise_s ? top * second / rise_s : top * (1 - (second - rise_s) / fall_s);
    return static_cast<std::size_t>(std::clamp(users, 0.0, top));
}

class ProfileRun {
public:
    explicit ProfileRun(const Options& options)
        : options_(options), requests_(options.product, options.seed), users_(users_max) {}

    void run();
    std::string json() const;

private:
    struct User {
        Connection connection;
        std::int64_t asked_ns = 0;
    };

    void enter(std::uint32_t index);
    void ask(User& user);
    void set_users(std::size_t wanted);
    void take_answers();

    const Options& options_;
    Orders requests_;
    Poller poller_;
    std::vector<User> users_;
    std::size_t present_ = 0;
    std::int64_t start_ns_ = 0;
    std::int64_t end_ns_ = 0;
    Tally tally_;
};

void ProfileRun::enter(std::uint32_t index) {
    User& user = users_[index];
    if (!user.connection.open(options_.server)) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    poller_.add(user.connection.socket(), index);
    ask(user);
}

void ProfileRun::ask(User& user) {
    user.asked_ns = now_ns();
    // A request that cannot be written shows as a broken connection at the next read.
    if (!user.connection.send(requests_.next())) shutdown(user.connection.socket(), SHUT_RDWR);
}

void ProfileRun::set_users(std::size_t wanted) {
    while (present_ < wanted) enter(static_cast<std::uint32_t>(present_++));
    while (present_ > wanted) users_[--present_].connection.close();
}

void ProfileRun::take_answers() {
    for (const epoll_event& event : poller_.wait(turn_ns_max)) {
        User& user = users_[event.data.u32];
        if (!user.connection.is_open()) continue;  // left in this very turn
        Answer answer;
        switch (user.connection.receive(answer)) {
            case Connection::Progress::waiting:
                break;
            case Connection::Progress::answered:
                tally_.count(outcome_of(answer.status, answer.body), answer.status,
                             to_us(now_ns() - user.asked_ns));
                ask(user);
                break;
            case Connection::Progress::broken:
                ++tally_.broken_connections;
                enter(event.data.u32);
                break;
        }
    }
}

void ProfileRun::run() {
    start_ns_ = now_ns();
    const double length_s = (rise_s + fall_s) * options_.scale;
    double elapsed_s = 0;
    while (elapsed_s < length_s) {
        set_users(users_at(elapsed_s / options_.scale));
        take_answers();
        elapsed_s = static_cast<double>(now_ns() - start_ns_) / 1e9;
    }
    set_users(0);
    end_ns_ = now_ns();
}

std::string ProfileRun::json() const {
    const double seconds = static_cast<double>(end_ns_ - start_ns_) / 1e9;
    return "{\"mode\":\"profile\",\"seed\":" + std::to_string(options_.seed) +
           ",\"seconds\":" + std::to_string(seconds) + ',' + tally_json(tally_) + '}';
}

}  // namespace

std::string run_profile(const Options& options) {
    ProfileRun run(options);
    run.run();
    return run.json();
}

}  // namespace offer
