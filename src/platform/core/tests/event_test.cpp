#include "platform/core/event.h"

#include "platform/core/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <deque>
#include <future>

namespace souk::core {
namespace {

using namespace std::chrono_literals;

std::future<bool> waiting(Event& event, Loop& loop, std::chrono::milliseconds patience) {
    return boost::asio::co_spawn(loop.context(), event.wait(patience), boost::asio::use_future);
}

TEST(Event, a_wait_ends_when_another_thread_sets_it) {
    Loop loop("test");
    Event event;
    std::future<bool> outcome = waiting(event, loop, 1min);

    event.set();

    EXPECT_TRUE(outcome.get());
    EXPECT_TRUE(event.is_set());
}

TEST(Event, a_wait_that_comes_later_returns_at_once) {
    Loop loop("test");
    Event event;
    event.set();

    EXPECT_TRUE(waiting(event, loop, 0ms).get());
}

TEST(Event, a_wait_gives_up_when_its_patience_is_over) {
    Loop loop("test");
    Event event;

    EXPECT_FALSE(waiting(event, loop, 1ms).get());
    event.set();
}

TEST(Event, many_events_wake_many_loops) {
    Loops loops = make_loops(3);
    std::deque<Event> events(100);
    std::vector<Event*> all;
    std::vector<std::future<bool>> outcomes;
    for (std::size_t i = 0; i < 600; ++i) {
        outcomes.push_back(waiting(events[i % 100], *loops[i % 3], 1min));
    }
    for (Event& event : events) all.push_back(&event);

    Event::set_all(all);

    for (std::future<bool>& outcome : outcomes) EXPECT_TRUE(outcome.get());
}

}  // namespace
}  // namespace souk::core
