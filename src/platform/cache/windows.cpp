#include "platform/cache/windows.h"

#include <algorithm>

namespace souk::cache {

std::chrono::seconds Windows::admit(const std::vector<Limit>& limits) {
    const core::Instant now = clock_.instant();
    const std::lock_guard lock(mutex_);
    core::Instant free = now;
    for (const Limit& limit : limits) free = std::max(free, free_at(limit, now));
    if (free > now) return std::chrono::ceil<std::chrono::seconds>(free - now);

    for (const Limit& limit : limits) count(limit, now);
    forget(now);
    return {};
}

std::size_t Windows::keys() const {
    const std::lock_guard lock(mutex_);
    return all_.size();
}

// `now` when there is room. A limit of nothing has room after a window without anything.
core::Instant Windows::free_at(const Limit& limit, core::Instant now) {
    if (limit.most <= 0) return now + limit.window;
    const auto found = by_key_.find(limit.key);
    if (found == by_key_.end()) return now;
    std::vector<core::Instant>& counted = found->second->counted;
    std::erase_if(counted, [&](core::Instant one) { return one + limit.window <= now; });
    const auto most = static_cast<std::size_t>(limit.most);
    return counted.size() < most ? now : counted[counted.size() - most] + limit.window;
}

void Windows::count(const Limit& limit, core::Instant now) {
    auto found = by_key_.find(limit.key);
    if (found == by_key_.end()) {
        all_.push_front({.key = limit.key, .counted = {}, .over = now});
        found = by_key_.emplace(all_.front().key, all_.begin()).first;
    }
    Window& window = *found->second;
    window.counted.push_back(now);
    window.over = now + limit.window;
    all_.splice(all_.begin(), all_, found->second);
}

// From the end, where the longest not counted are. A long window there may hide short ones that are
// over; they go when it does, or when there are too many.
void Windows::forget(core::Instant now) {
    while (!all_.empty() && (all_.back().over <= now || all_.size() > keys_max_)) {
        erase(std::prev(all_.end()));
    }
}

void Windows::erase(All::iterator window) {
    by_key_.erase(window->key);
    all_.erase(window);
}

}  // namespace souk::cache
