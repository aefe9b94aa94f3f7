#include "report.h"

#include <algorithm>
#include <utility>

namespace offer {

namespace {

constexpr const char* outcome_names[] = {"accepted", "ignored", "limited", "sold_out",
                                         "unexpected"};

std::string member(const char* name, std::uint64_t value) {
    return '"' + std::string(name) + "\":" + std::to_string(value);
}

}  // namespace

void LongestPauses::add(Pause pause) {
    if (pauses_.size() == kept_ && pause.length_us <= pauses_.back().length_us) return;
    const auto place = std::find_if(pauses_.begin(), pauses_.end(), [&pause](const Pause& other) {
        return other.length_us < pause.length_us;
    });
    pauses_.insert(place, pause);
    if (pauses_.size() > kept_) pauses_.pop_back();
}

void Tally::count(Outcome outcome, int status, std::int64_t latency_us) {
    latency[static_cast<std::size_t>(outcome)].add(latency_us);
    all.add(latency_us);
    ++statuses[status];
}

std::string distribution_json(const Histogram& histogram) {
    return '{' + member("count", histogram.count()) + ',' +
           member("p50_us", histogram.percentile(0.5)) + ',' +
           member("p90_us", histogram.percentile(0.9)) + ',' +
           member("p95_us", histogram.percentile(0.95)) + ',' +
           member("p99_us", histogram.percentile(0.99)) + ',' +
           member("p999_us", histogram.percentile(0.999)) + ',' +
           member("max_us", histogram.max()) + '}';
}

std::string tally_json(const Tally& tally) {
    std::string json = "\"all\":" + distribution_json(tally.all);
    for (std::size_t i = 0; i < std::size(outcome_names); ++i) {
        json += ",\"" + std::string(outcome_names[i]) + "\":" + distribution_json(tally.latency[i]);
    }
    json += ",\"statuses\":{";
    const char* comma = "";
    for (const auto& [status, count] : tally.statuses) {
        json += std::exchange(comma, ",") + member(std::to_string(status).c_str(), count);
    }
    return json + "}," + member("broken_connections", tally.broken_connections);
}

std::string pauses_json(const LongestPauses& pauses) {
    std::string json = "[";
    const char* comma = "";
    for (const Pause& pause : pauses.longest_first()) {
        json += std::string(std::exchange(comma, ",")) +
                "{\"length_us\":" + std::to_string(pause.length_us) +
                ",\"at_us\":" + std::to_string(pause.began_at_us) + '}';
    }
    return json + ']';
}

}  // namespace offer
