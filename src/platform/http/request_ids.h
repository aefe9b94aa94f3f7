// Ids of requests for the log. They need to be distinct, not secret: a random start per loop and a
// counter.
#pragma once

#include "platform/core/random.h"

#include <array>
#include <cstdint>

namespace souk::http {

class RequestIds {
public:
    explicit RequestIds(core::Random& random);
    std::array<char, 16> next();

private:
    std::uint64_t state_ = 0;
};

}  // namespace souk::http
