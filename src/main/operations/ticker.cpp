#include "main/operations/ticker.h"

#include "platform/log/log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace souk::operations {
namespace {

constexpr std::chrono::seconds period{1};

}  // namespace

void Ticker::start(std::vector<Call> calls) {
    calls_ = std::move(calls);
    running_ = boost::asio::co_spawn(loop_.context(), run(), boost::asio::use_future);
}

void Ticker::stop() {
    stopping_.set();
    if (running_.valid()) running_.get();
}

void Ticker::call_all(std::uint64_t tick) const {
    for (const Call& call : calls_) {
        try {
            call(tick);
        } catch (const std::exception& failure) {
            const log::Field why("reason", failure.what());
            log::error("souk", "a figure of the console could not be read", {why});
        }
    }
}

// Each tick has its fixed instant, so that what the calls take does not add up. Those that were
// missed are not made up for.
core::Task<> Ticker::run() {
    std::uint64_t tick = 0;
    core::Instant next = std::chrono::steady_clock::now();
    std::chrono::nanoseconds left{0};
    do {
        call_all(++tick);
        const core::Instant now = std::chrono::steady_clock::now();
        while (next <= now) next += period;
        left = next - now;
    } while (!co_await stopping_.wait(std::chrono::ceil<std::chrono::milliseconds>(left)));
}

}  // namespace souk::operations
