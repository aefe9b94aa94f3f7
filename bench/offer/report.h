// What a run counts, and its JSON.
#pragma once

#include "histogram.h"
#include "orders.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace offer {

// A stretch of time in which answers were due and none came.
struct Pause {
    std::int64_t length_us = 0;
    std::int64_t began_at_us = 0;  // since the start of the run
};

// Keeps the longest.
class LongestPauses {
public:
    explicit LongestPauses(std::size_t kept = 10) : kept_(kept) {}
    void add(Pause pause);
    const std::vector<Pause>& longest_first() const { return pauses_; }

private:
    std::size_t kept_;
    std::vector<Pause> pauses_;
};

struct Tally {
    Histogram latency[5];  // by Outcome
    Histogram all;
    std::map<int, std::uint64_t> statuses;
    std::uint64_t broken_connections = 0;

    void count(Outcome outcome, int status, std::int64_t latency_us);
};

std::string distribution_json(const Histogram& histogram);
std::string tally_json(const Tally& tally);  // members without the braces around them
std::string pauses_json(const LongestPauses& pauses);

}  // namespace offer
