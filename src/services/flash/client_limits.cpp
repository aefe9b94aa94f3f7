#include "services/flash/client_limits.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace souk::flash {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::uint64_t make_secret(core::Random& random) {
    std::uint64_t secret = 0;
    random.fill(std::as_writable_bytes(std::span(&secret, 1)));
    return secret;
}

// IPv4 lies in the part of a mapped address that IPv6 leaves out here.
std::uint64_t network_of(const ClientLimits::AddressBytes& address) {
    constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const bool is_ipv4 = std::equal(mapped.begin(), mapped.end(), address.begin());
    std::uint64_t network = 0;
    std::memcpy(&network, address.data() + (is_ipv4 ? 8 : 0), sizeof network);
    return network;
}

}  // namespace

// A bijection, so no two networks share a bucket.
std::uint64_t ClientLimits::mixed(std::uint64_t network) const {
    std::uint64_t bits = network ^ secret_;
    bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebU;
    return bits ^ (bits >> 31U);
}

ClientLimits::ClientLimits(std::int64_t per_second, const core::Clock& clock, core::Random& random,
                           std::size_t clients_max)
    : per_second_(per_second),
      interval_ns_(per_second > 0 ? second_ns / per_second : 0),
      clock_(clock),
      clients_per_shard_(std::max<std::size_t>(1, clients_max / 16)),
      secret_(make_secret(random)) {}

bool ClientLimits::take(const AddressBytes& address) {
    if (!is_on()) return true;
    const std::uint64_t network = mixed(network_of(address));
    Shard& shard = shards_[network % shards_.size()];
    const std::int64_t now = clock_.instant().time_since_epoch().count();

    const std::lock_guard lock(shard.mutex);
    auto found = shard.full_at_ns.find(network);
    if (found == shard.full_at_ns.end()) {
        if (now - shard.swept_at_ns >= second_ns || shard.full_at_ns.size() >= clients_per_shard_)
            forget_idle(shard, now);
        if (shard.full_at_ns.size() >= clients_per_shard_) return true;
        found = shard.full_at_ns.emplace(network, now).first;
    }
    const std::int64_t next = std::max(found->second, now) + interval_ns_;
    if (next - now > interval_ns_ * per_second_) return false;
    found->second = next;
    return true;
}

// A full bucket says nothing. Looked for once a second at most: then a full table stays full.
void ClientLimits::forget_idle(Shard& shard, std::int64_t now_ns) const {
    if (now_ns - shard.swept_at_ns < second_ns) return;
    shard.swept_at_ns = now_ns;
    erase_if(shard.full_at_ns, [now_ns](const auto& entry) { return entry.second <= now_ns; });
}

std::size_t ClientLimits::clients() const {
    std::size_t count = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        count += shard.full_at_ns.size();
    }
    return count;
}

}  // namespace souk::flash
