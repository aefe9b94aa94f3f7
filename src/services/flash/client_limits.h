// PER_IP_RPS: a token bucket for each client address, so that one client cannot use the whole
// budget of everybody. An address is IPv4, or the first half of IPv6: whoever has one such network
// has all of it. Whoever was idle for a second is forgotten, so the table holds the clients of a
// moment.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/random.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace souk::flash {

class ClientLimits {
public:
    using AddressBytes = std::array<std::uint8_t, 16>;  // IPv4 mapped into IPv6

    // `per_second` 0 switches it off.
    ClientLimits(std::int64_t per_second, const core::Clock& clock, core::Random& random,
                 std::size_t clients_max = 262'144);

    bool is_on() const { return per_second_ > 0; }

    // Takes one of the client's tokens; false when it has none. With the table full of clients that
    // are all active, unknown ones pass: the global limit still holds them.
    bool take(const AddressBytes& address);

    std::size_t clients() const;

private:
    struct Hash {
        using is_avalanching = void;
        std::size_t operator()(std::uint64_t mixed) const { return mixed; }
    };
    struct Shard {
        mutable std::mutex mutex;
        boost::unordered_flat_map<std::uint64_t, std::int64_t, Hash> full_at_ns;  // by mixed()
        std::int64_t swept_at_ns = 0;
    };

    std::uint64_t mixed(std::uint64_t network) const;
    void forget_idle(Shard& shard, std::int64_t now_ns) const;

    const std::int64_t per_second_;
    const std::int64_t interval_ns_;  // between two tokens
    const core::Clock& clock_;
    const std::size_t clients_per_shard_;
    const std::uint64_t secret_;  // nobody can aim at one part of the table
    std::array<Shard, 16> shards_;
};

}  // namespace souk::flash
