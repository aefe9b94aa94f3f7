#include "platform/log/pauses.h"

#include "platform/log/log.h"

#include <atomic>
#include <utility>

namespace souk::log {
namespace {

using namespace std::chrono_literals;

constexpr int quiet_bounds = 8;  // how many times the bound only longer ones are told

std::atomic<std::chrono::nanoseconds> told_from{25ms};

}  // namespace

Pauses::Pauses(std::string service, std::string sentence)
    : service_(std::move(service)), sentence_(std::move(sentence)) {}

std::chrono::nanoseconds Pauses::bound() noexcept {
    return told_from.load(std::memory_order_relaxed);
}

void Pauses::set_bound(std::chrono::nanoseconds bound) noexcept {
    told_from.store(bound, std::memory_order_relaxed);
}

void Pauses::tell(std::chrono::nanoseconds took) {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    if (now < quiet_until_ && took <= longest_told_) {
        ++untold_;
        return;
    }
    quiet_until_ = now + quiet_bounds * bound();
    longest_told_ = took;
    const std::int64_t ms = std::chrono::ceil<std::chrono::milliseconds>(took).count();
    std::string message = sentence_;
    if (const std::size_t place = message.find("{}"); place != std::string::npos)
        message.replace(place, 2, std::to_string(ms) + " ms");
    const std::uint64_t untold = std::exchange(untold_, 0);
    info(service_, message, {Field("pause_ms", ms), Field("shorter_untold", untold)});
}

}  // namespace souk::log
