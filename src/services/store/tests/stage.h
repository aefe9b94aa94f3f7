// Two clients of one room, whose statements come in an order that a test says.
#pragma once

#include "services/store/tests/room.h"
#include "services/store/tests/scheduled_database.h"

#include <algorithm>
#include <array>
#include <exception>
#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace souk::store {

class Stage {
public:
    using Call = TestClient::Call;
    using Player = std::function<Answer()>;
    using Order = std::vector<std::size_t>;  // whose statement comes next: 0 or 1

    explicit Stage(const db::Place& place)
        : Stage(std::make_unique<ScheduledDatabase>(patient(place))) {}

    // What was played, for whoever asks for the test program's report.
    ~Stage() {
        ::testing::Test::RecordProperty("steps_planned", steps_planned_);
        ::testing::Test::RecordProperty("steps_taken_as_planned", steps_taken_);
        ::testing::Test::RecordProperty("steps_that_waited", steps_that_waited_);
    }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    static Call post(const std::string& path, const std::string& body,
                     const std::string& who = "bob@shop.example") {
        return {.verb = http::Verb::post, .target = path, .body = body, .headers = Room::as(who)};
    }
    static Call add(int product, int quantity, const std::string& who = "bob@shop.example") {
        return post("/api/cart", Room::cart_body(product, quantity), who);
    }

    // In how many steps a batch of so many statements is carried out, with its commit.
    std::size_t batch(std::size_t statements) const {
        return database_->has_many_writers() ? statements + 1 : 1;
    }

    // Every order of so many steps of the first and so many of the second.
    static std::vector<Order> orders(std::size_t first, std::size_t second) {
        Order order(first, 0);
        order.insert(order.end(), second, 1);
        std::vector<Order> all;
        do {
            all.push_back(order);
        } while (std::next_permutation(order.begin(), order.end()));
        return all;
    }

    // Fewer, for long ones: the first stops once, at each place, and the second there at each place
    // of its own.
    static std::vector<Order> stops(std::size_t first, std::size_t second) {
        std::vector<Order> all;
        for (std::size_t at = 0; at <= first; ++at) {
            for (std::size_t length = 1; length <= (at < first ? second : 1); ++length) {
                Order order(at, 0);
                order.insert(order.end(), length, 1);
                order.insert(order.end(), first - at, 0);
                order.insert(order.end(), second - length, 1);
                all.push_back(std::move(order));
            }
        }
        return all;
    }

    Player caller(std::size_t number, Call call) {
        return [this, number, call = std::move(call)] { return clients_.at(number).send(call); };
    }
    // Somebody who is no client of the room changes its tables.
    Player outsider(db::Sql change) {
        return [this, change] {
            outside_.wait(room.database.write(change));
            return Answer{.status = 200, .content_type = {}, .body = {}, .headers = {}};
        };
    }

    // Both at once, in this order and then to their ends. Fails when that cannot be played; but a
    // step may be left out whose client waits for a lock of the other, or has its answer already.
    std::array<Answer, 2> play(const std::array<Player, 2>& players, const Order& order) {
        database_->hold({&room.loop.loop().context()});
        std::array<std::future<Answer>, 2> answers;
        try {
            for (std::size_t i = 0; i < players.size(); ++i) {
                answers[i] = std::async(std::launch::async, [this, i, &player = players[i]] {
                    const Leaving leaving{*database_, i};
                    return player();
                });
                database_->wait_for_clients(i + 1);
            }
            go_through(order);
        } catch (const std::exception& failure) {
            ADD_FAILURE() << failure.what() << ": " << played();
        }
        database_->release();
        return {answers[0].get(), answers[1].get()};
    }
    std::array<Answer, 2> play(const std::array<Call, 2>& calls, const Order& order) {
        return play(std::array{caller(0, calls[0]), caller(1, calls[1])}, order);
    }

    // What the latest play() was to be and what it was; the first is a, the second b. In capitals:
    // waited for the other. A dot: was over.
    std::string played() const { return "planned " + planned_ + ", played " + played_; }

private:
    struct Leaving {
        ScheduledDatabase& database;
        std::size_t client;
        ~Leaving() { database.leave(client); }
    };

    explicit Stage(std::unique_ptr<ScheduledDatabase> database)
        : database_(database.get()), room(std::move(database), Room::Options()) {}

    // A slow machine is no reason for an engine to give up a transaction that stands still here.
    static db::Place patient(db::Place place) {
        place.timeout_ms = 60'000;
        return place;
    }

    void go_through(const Order& order) {
        planned_.clear();
        played_.clear();
        for (const std::size_t who : order) planned_ += "ab"[who];
        std::array<std::ptrdiff_t, 2> taken{};
        for (const std::size_t who : order) taken[who] += take_step(who) ? 1 : 0;
        steps_planned_ += static_cast<int>(order.size());
        steps_taken_ += static_cast<int>(taken[0] + taken[1]);
        steps_that_waited_ += static_cast<int>(
            std::ranges::count_if(played_, [](char each) { return each == 'A' || each == 'B'; }));
        played_ += ' ';
        bool goes_on = true;  // with the steps that had to wait
        while (goes_on) {
            goes_on = false;
            for (const std::size_t who : {0U, 1U}) {
                while (take_step(who)) {
                    goes_on = true;
                    ++taken[who];
                }
            }
        }
        for (const std::size_t who : {0U, 1U})
            EXPECT_LE(taken[who], std::ranges::count(order, who)) << "plan too short: " << played();
    }

    bool take_step(std::size_t who) {
        using enum ScheduledDatabase::Step;
        const ScheduledDatabase::Step step = database_->step(who);
        played_ += step == taken ? "ab"[who] : step == locked_out ? "AB"[who] : '.';
        return step == taken;
    }

    ScheduledDatabase* const database_;
    std::string planned_;
    std::string played_;
    int steps_planned_ = 0;
    int steps_taken_ = 0;
    int steps_that_waited_ = 0;

public:
    Room room;

private:
    OnLoop outside_;
    std::array<TestClient, 2> clients_{TestClient(room.service.api()),
                                       TestClient(room.service.api())};
};

}  // namespace souk::store
