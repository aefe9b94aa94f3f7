// Calls everybody once a second, in order, from one coroutine.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/event.h"
#include "platform/core/loop.h"

#include <cstdint>
#include <functional>
#include <future>
#include <vector>

namespace souk::operations {

class Ticker {
public:
    using Call = std::function<void(std::uint64_t tick)>;  // ticks count from 1

    // On a loop of its own: what is called may read files, and has to see the other loops stand
    // still.
    explicit Ticker(core::Loop& loop) : loop_(loop) {}
    ~Ticker() { stop(); }
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    void start(std::vector<Call> calls);
    void stop();  // returns when nothing is called any more

private:
    core::Task<> run();
    void call_all(std::uint64_t tick) const;

    core::Loop& loop_;
    std::vector<Call> calls_;
    core::Event stopping_;
    std::future<void> running_;
};

}  // namespace souk::operations
