#include "main/operations/dependency_gauges.h"

#include <algorithm>
#include <functional>
#include <string>

namespace souk::operations {
namespace {

double is_up(const std::function<std::vector<Dependency>()>& dependencies,
             const std::string& name) {
    const std::vector<Dependency> all = dependencies();
    return std::any_of(all.begin(), all.end(),
                       [&name](const Dependency& each) { return each.name == name && each.is_up; });
}

}  // namespace

std::vector<metrics::Gauge> dependency_gauges(const Services& services,
                                              metrics::Registry& metrics) {
    std::vector<metrics::Gauge> gauges;
    for (const ServiceRow& row : services) {
        for (const Dependency& each : row.dependencies()) {
            gauges.push_back(metrics.gauge(
                "souk_dependency_up", "1 when what a service needs answers",
                {
                    {"service",    row.name },
                    {"dependency", each.name}
            },
                [look = row.dependencies, name = each.name] { return is_up(look, name); }));
        }
    }
    return gauges;
}

}  // namespace souk::operations
