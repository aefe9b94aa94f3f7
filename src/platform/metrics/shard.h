// Hot counters are split over slots, each on a cache line of its own; a thread always uses the same
// slot. Two threads may share one, so the additions are atomic all the same.
#pragma once

#include <atomic>
#include <cstddef>

namespace souk::metrics {

inline constexpr std::size_t shards = 16;  // a power of two
inline constexpr std::size_t cache_line_bytes = 64;

inline std::size_t this_shard() noexcept {
    static constinit std::atomic<std::size_t> next{0};
    // Constant initialisation: reading it costs no guard. 0 means not yet given.
    constinit static thread_local std::size_t mine = 0;
    if (mine == 0) mine = next.fetch_add(1, std::memory_order_relaxed) % shards + 1;
    return mine - 1;
}

}  // namespace souk::metrics
