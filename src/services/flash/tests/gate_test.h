// The gate in memory for tests, alone on a clock that stands still.
#pragma once

#include "platform/testing/fixed_clock.h"
#include "platform/testing/seeded_random.h"
#include "services/flash/gate_memory.h"
#include "services/flash/tests/orders.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace souk::flash {

// The gate never waits, so its coroutines end within one run of a loop.
template <typename T>
T now(core::Task<T> task) {
    boost::asio::io_context context(1);
    auto result =
        boost::asio::co_spawn(context.get_executor(), std::move(task), boost::asio::use_future);
    context.run();
    return result.get();
}

class GateTest : public ::testing::Test {
protected:
    GateTest() : GateTest(0) {}
    explicit GateTest(std::uint32_t max_per_user)
        : gate_(std::chrono::seconds(60), clock_, random_, max_per_user) {}

    Verdict admit(std::uint32_t number, const std::string& product = "phone") {
        return admit(key_of(number), order_id(number), product);
    }
    Verdict admit(const std::string& key, OrderId id, const std::string& product = "phone") {
        return now(gate_.admit({key, product, id}));
    }
    std::int64_t stock(const std::string& product = "phone") {
        return now(gate_.stock(product)).value_or(-1);
    }
    void open(std::int64_t quantity, Epoch epoch = 1, const std::string& product = "phone") {
        gate_.open_sale({product, epoch, quantity, quantity});
    }

    testing::FixedClock clock_;
    testing::SeededRandom random_;
    MemoryGate gate_;
};

inline constexpr std::uint32_t threads_count = 8;

inline void on_threads(const std::function<core::Task<>(std::uint32_t)>& work) {
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < threads_count; ++i)
        threads.emplace_back([&work, i] { now(work(i)); });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace souk::flash
