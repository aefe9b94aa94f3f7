// The source of randomness is injected, so that a test can replay it. In production it is the OS's.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace souk::core {

class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> bytes) = 0;
};

// getrandom(2), fetched a page at a time per thread so that an order id costs no system call.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> bytes) override;
};

// `bytes` random bytes as lower-case hex.
std::string random_hex(Random& random, std::size_t bytes);

}  // namespace souk::core
