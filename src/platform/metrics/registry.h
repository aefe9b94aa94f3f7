// Every metric of the program, by name and labels, and their text for Prometheus.
#pragma once

#include "platform/metrics/counter.h"
#include "platform/metrics/histogram.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Registry;

// One series as it stands now.
struct Reading {
    Labels labels;                  // sorted by name
    double value = 0;               // of a counter or gauge; a histogram's count of observations
    Histogram::Snapshot histogram;  // empty for everything else

    // Empty when there is no such label.
    std::string_view label(std::string_view name) const;
};

// Keeps a gauge alive: destroyed, it takes the gauge out, and waits for a reading that goes on.
class [[nodiscard]] Gauge {
public:
    Gauge();
    Gauge(Gauge&& other) noexcept;
    Gauge& operator=(Gauge&& other) noexcept;
    ~Gauge();

private:
    friend class Registry;
    class Entry;
    explicit Gauge(std::unique_ptr<Entry> entry);
    std::unique_ptr<Entry> entry_;
};

class Registry {
public:
    explicit Registry(std::size_t series_max = 4096);
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    // The same name and labels give the same object, which lives and stays as long as the registry:
    // ask once, keep the reference, never ask on the hot path. One name has one kind. When
    // series_max is reached a new series is refused: its counts are kept nowhere, and
    // souk_metrics_series_refused_total says so. Names end in their unit, counters in _total,
    // histograms in _seconds.
    Counter& counter(const std::string& name, const std::string& help, Labels labels = {});
    Histogram& histogram(const std::string& name, const std::string& help, Labels labels = {});

    // `read` runs on whichever thread asks for the text, must not block nor use the registry, and
    // should not throw: a reading that throws is shown as NaN. A series can have one reader only.
    Gauge gauge(const std::string& name, const std::string& help, Labels labels,
                std::function<double()> read);
    // Likewise, for what is counted elsewhere and only grows.
    Gauge total(const std::string& name, const std::string& help, Labels labels,
                std::function<double()> read);

    // Every series of that name, in the order of their labels; empty when there is none.
    std::vector<Reading> read(const std::string& name) const;

    // In the text format of Prometheus, version 0.0.4.
    std::string text() const;

private:
    friend class Gauge;
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace souk::metrics
