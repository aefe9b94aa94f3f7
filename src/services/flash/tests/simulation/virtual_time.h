// Takes over std::chrono::steady_clock, and with it every timer of Asio: while a VirtualTime lives,
// no time passes on its thread but what its clock is given.
#pragma once

#include "platform/testing/fixed_clock.h"

namespace souk::flash::simulation {

class VirtualTime {
public:
    explicit VirtualTime(const testing::FixedClock& clock);
    ~VirtualTime();
    VirtualTime(const VirtualTime&) = delete;
    VirtualTime& operator=(const VirtualTime&) = delete;
};

}  // namespace souk::flash::simulation
