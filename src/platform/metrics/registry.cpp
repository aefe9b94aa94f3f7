#include "platform/metrics/registry.h"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <variant>

namespace souk::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Read = std::function<double()>;

// The objects stand behind pointers, so that they stay where they are when the map changes.
using Series = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Histogram>, Read>;

// What a caller asks for; the labels are sorted.
struct Wanted {
    MetricType type;
    const std::string& name;
    const std::string& help;
    Labels labels;

    Wanted(MetricType kind, const std::string& named, const std::string& helps, Labels with)
        : type(kind), name(named), help(helps), labels(std::move(with)) {
        std::sort(labels.begin(), labels.end());
    }
};

struct Family {
    MetricType type;
    std::string help;
    std::map<Labels, Series> series;
};

bool is_name(std::string_view text, bool colon_allowed) {
    const auto letter = [colon_allowed](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               (colon_allowed && c == ':');
    };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return !text.empty() && letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

void check_names(const std::string& name, const Labels& labels) {
    if (!is_name(name, true)) throw std::logic_error("'" + name + "' cannot name a metric");
    for (const auto& [label, value] : labels) {
        // `le` is how the buckets of a histogram are told apart.
        if (!is_name(label, false) || label.starts_with("__") || label == "le") {
            throw std::logic_error("'" + label + "' cannot name a label of a metric");
        }
    }
}

double read_or_nan(const Read& read) {
    try {
        return read();
    } catch (const std::exception&) {
        // The other metrics are still worth having; the reader of this one sees that it failed.
        return std::numeric_limits<double>::quiet_NaN();
    }
}

ClientMetric::Histogram as_exposed(const Histogram& histogram) {
    const Histogram::Snapshot all = histogram.snapshot();
    ClientMetric::Histogram exposed;
    exposed.sample_count = all.count;
    exposed.sample_sum = all.sum_seconds;
    std::uint64_t cumulative = 0;
    for (std::size_t bucket = 0; bucket < Histogram::buckets; ++bucket) {
        cumulative += all.counts[bucket];
        const bool bounded = bucket < Histogram::bounds_ns.size();
        exposed.bucket.push_back(
            {cumulative, bounded ? static_cast<double>(Histogram::bounds_ns[bucket]) / 1e9
                                 : std::numeric_limits<double>::infinity()});
    }
    return exposed;
}

ClientMetric as_exposed(const Labels& labels, const Series& series, MetricType type) {
    ClientMetric exposed;
    for (const auto& [name, value] : labels) exposed.label.push_back({name, value});
    if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&series)) {
        exposed.counter.value = static_cast<double>((*counter)->value());
    } else if (const auto* histogram = std::get_if<std::unique_ptr<Histogram>>(&series)) {
        exposed.histogram = as_exposed(**histogram);
    } else {
        const double value = read_or_nan(std::get<Read>(series));
        (type == MetricType::Counter ? exposed.counter.value : exposed.gauge.value) = value;
    }
    return exposed;
}

Reading as_read(const Labels& labels, const Series& series) {
    Reading reading{.labels = labels};
    if (const auto* counter = std::get_if<std::unique_ptr<Counter>>(&series)) {
        reading.value = static_cast<double>((*counter)->value());
    } else if (const auto* histogram = std::get_if<std::unique_ptr<Histogram>>(&series)) {
        reading.histogram = (*histogram)->snapshot();
        reading.value = static_cast<double>(reading.histogram.count);
    } else {
        reading.value = read_or_nan(std::get<Read>(series));
    }
    return reading;
}

}  // namespace

std::string_view Reading::label(std::string_view name) const {
    const auto found = std::find_if(labels.begin(), labels.end(),
                                    [name](const auto& each) { return each.first == name; });
    return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

class Registry::State final : public prometheus::Collectable {
public:
    explicit State(std::size_t series_max) : series_max_(series_max) {}

    template <typename Made>
    Made& find_or_make(const Wanted& wanted, Made& refused) {
        check_names(wanted.name, wanted.labels);
        const std::lock_guard lock(mutex_);
        Family& family = family_of(wanted);
        auto found = family.series.find(wanted.labels);
        if (found == family.series.end()) {
            if (is_full()) return refused;
            found = family.series.emplace(wanted.labels, std::make_unique<Made>()).first;
            ++series_count_;
        }
        auto* made = std::get_if<std::unique_ptr<Made>>(&found->second);
        if (made == nullptr) throw std::logic_error(wanted.name + " is read from somewhere else");
        return **made;
    }

    // False when there was no room.
    bool add_reading(const Wanted& wanted, Read read) {
        check_names(wanted.name, wanted.labels);
        const std::lock_guard lock(mutex_);
        Family& family = family_of(wanted);
        if (family.series.contains(wanted.labels)) {
            throw std::logic_error(wanted.name + " with these labels has a reader already");
        }
        if (is_full()) return false;
        family.series.emplace(wanted.labels, std::move(read));
        ++series_count_;
        return true;
    }

    // Waits for a text that is being made, so the reader's owner may go when this returns.
    void remove(const std::string& name, const Labels& labels) {
        const std::lock_guard lock(mutex_);
        const auto family = families_.find(name);
        if (family == families_.end()) return;
        series_count_ -= family->second.series.erase(labels);
        if (family->second.series.empty()) families_.erase(family);
    }

    std::vector<MetricFamily> Collect() const override {
        const std::lock_guard lock(mutex_);
        std::vector<MetricFamily> exposed;
        for (const auto& [name, family] : families_) {
            if (family.series.empty()) continue;  // its only series was refused
            MetricFamily& shown = exposed.emplace_back();
            shown.name = name;
            shown.help = family.help;
            shown.type = family.type;
            for (const auto& [labels, series] : family.series) {
                shown.metric.push_back(as_exposed(labels, series, family.type));
            }
        }
        return exposed;
    }

    std::vector<Reading> read(const std::string& name) const {
        const std::lock_guard lock(mutex_);
        std::vector<Reading> readings;
        const auto family = families_.find(name);
        if (family == families_.end()) return readings;
        for (const auto& [labels, series] : family->second.series) {
            readings.push_back(as_read(labels, series));
        }
        return readings;
    }

    Counter refused_counter;
    Histogram refused_histogram;

private:
    Family& family_of(const Wanted& wanted) {
        Family& family =
            families_.try_emplace(wanted.name, Family{wanted.type, wanted.help, {}}).first->second;
        if (family.type != wanted.type) {
            throw std::logic_error(wanted.name + " already is a metric of another kind");
        }
        return family;
    }

    bool is_full() {
        if (series_count_ < series_max_) return false;
        ++refusals_;
        // Made at the first refusal and outside the limit: it is what tells of the limit.
        Family& family = families_
                             .try_emplace("souk_metrics_series_refused_total",
                                          Family{MetricType::Counter, "Series over the limit", {}})
                             .first->second;
        family.series.try_emplace(Labels{},
                                  Read([this] { return static_cast<double>(refusals_); }));
        return true;
    }

    const std::size_t series_max_;
    mutable std::mutex mutex_;
    std::map<std::string, Family> families_;
    std::size_t series_count_ = 0;
    std::uint64_t refusals_ = 0;
};

class Gauge::Entry {
public:
    Entry(std::shared_ptr<Registry::State> state, std::string name, Labels labels)
        : state_(std::move(state)), name_(std::move(name)), labels_(std::move(labels)) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { state_->remove(name_, labels_); }

private:
    std::shared_ptr<Registry::State> state_;
    std::string name_;
    Labels labels_;
};

Gauge::Gauge() = default;
Gauge::Gauge(std::unique_ptr<Entry> entry) : entry_(std::move(entry)) {}
Gauge::Gauge(Gauge&&) noexcept = default;
Gauge& Gauge::operator=(Gauge&&) noexcept = default;
Gauge::~Gauge() = default;

Registry::Registry(std::size_t series_max) : state_(std::make_shared<State>(series_max)) {}
Registry::~Registry() = default;

Counter& Registry::counter(const std::string& name, const std::string& help, Labels labels) {
    return state_->find_or_make<Counter>({MetricType::Counter, name, help, std::move(labels)},
                                         state_->refused_counter);
}

Histogram& Registry::histogram(const std::string& name, const std::string& help, Labels labels) {
    return state_->find_or_make<Histogram>({MetricType::Histogram, name, help, std::move(labels)},
                                           state_->refused_histogram);
}

Gauge Registry::gauge(const std::string& name, const std::string& help, Labels labels,
                      std::function<double()> read) {
    const Wanted wanted(MetricType::Gauge, name, help, std::move(labels));
    if (!state_->add_reading(wanted, std::move(read))) return Gauge();
    return Gauge(std::make_unique<Gauge::Entry>(state_, name, wanted.labels));
}

Gauge Registry::total(const std::string& name, const std::string& help, Labels labels,
                      std::function<double()> read) {
    const Wanted wanted(MetricType::Counter, name, help, std::move(labels));
    if (!state_->add_reading(wanted, std::move(read))) return Gauge();
    return Gauge(std::make_unique<Gauge::Entry>(state_, name, wanted.labels));
}

std::vector<Reading> Registry::read(const std::string& name) const { return state_->read(name); }

std::string Registry::text() const {
    return prometheus::TextSerializer().Serialize(state_->Collect());
}

}  // namespace souk::metrics
