// The newest samples of something that is looked at regularly. Each has the number of its tick, so
// that whoever watches can ask for what came since the last one seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

namespace souk::metrics {

struct Ticks {
    std::uint64_t after = 0;
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
};

// `Sample` has a member `tick`, which rises from sample to sample.
template <typename Sample>
class History {
public:
    explicit History(std::size_t samples_max) : samples_max_(samples_max) {}

    void add(Sample sample) {
        samples_.push_back(std::move(sample));
        if (samples_.size() > samples_max_) samples_.pop_front();
    }

    // The oldest first.
    std::vector<Sample> of(Ticks ticks) const {
        auto end = samples_.end();
        while (end != samples_.begin() && std::prev(end)->tick > ticks.last) --end;
        auto first = end;
        while (first != samples_.begin() && std::prev(first)->tick > ticks.after) --first;
        return {first, end};
    }

private:
    const std::size_t samples_max_;
    std::deque<Sample> samples_;
};

}  // namespace souk::metrics
