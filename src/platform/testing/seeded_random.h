// Randomness that a test can replay: the same seed gives the same bytes.
#pragma once

#include "platform/core/random.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <span>

namespace souk::testing {

class SeededRandom final : public core::Random {
public:
    explicit SeededRandom(std::uint64_t seed = 1) : engine_(seed) {}

    void fill(std::span<std::byte> bytes) override {
        const std::lock_guard lock(mutex_);
        for (std::byte& byte : bytes) byte = static_cast<std::byte>(engine_() & 0xffU);
    }

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

}  // namespace souk::testing
