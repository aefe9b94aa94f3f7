// What this process uses of the machine.
#pragma once

#include "platform/metrics/registry.h"

#include <cstdint>
#include <vector>

namespace souk::metrics {

struct ProcessUse {
    std::uint64_t resident_bytes = 0;
    double cpu_seconds = 0;
    std::uint64_t open_descriptors = 0;
    double start_time_seconds = 0;  // since 1970
};

// Throws std::runtime_error where /proc cannot be read.
ProcessUse process_use();

// The two that change from second to second, alone. Counting descriptors looks at each of them.
std::uint64_t resident_bytes();
std::uint64_t open_descriptors();

// Under the names Prometheus gives them: process_resident_memory_bytes and so on.
std::vector<Gauge> process_gauges(Registry& registry);

}  // namespace souk::metrics
