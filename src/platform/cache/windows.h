// Counts of rolling windows in the process. A key is forgotten when its window is over; of too many
// keys the one longest not counted is forgotten, so that made-up keys cannot fill the memory.
#pragma once

#include "platform/cache/cache.h"
#include "platform/core/clock.h"

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace souk::cache {

class Windows {
public:
    explicit Windows(const core::Clock& clock, std::size_t keys_max = 50'000)
        : clock_(clock), keys_max_(keys_max) {}

    // As Cache::admit.
    std::chrono::seconds admit(const std::vector<Limit>& limits);

    std::size_t keys() const;

private:
    struct Window {
        std::string key;
        std::vector<core::Instant> counted;  // of the last window only
        core::Instant over;
    };
    using All = std::list<Window>;

    core::Instant free_at(const Limit& limit, core::Instant now);
    void count(const Limit& limit, core::Instant now);
    void forget(core::Instant now);
    void erase(All::iterator window);

    const core::Clock& clock_;
    const std::size_t keys_max_;
    mutable std::mutex mutex_;
    All all_;                                                     // the latest counted in front
    std::unordered_map<std::string_view, All::iterator> by_key_;  // views of the windows' keys
};

}  // namespace souk::cache
