// A name that the resolver of this program thinks about for as long as one of these lives.
#pragma once

namespace souk::net {

class SlowNames {
public:
    SlowNames();
    ~SlowNames();  // waits until nobody asks any more
    SlowNames(const SlowNames&) = delete;
    SlowNames& operator=(const SlowNames&) = delete;

    static constexpr const char* name = "slow.invalid";
};

}  // namespace souk::net
