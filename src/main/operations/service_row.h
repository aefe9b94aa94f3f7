// A service as the operations listener knows it. The row is made in main/services; its panel's
// numbers come from the door of its room.
#pragma once

#include "platform/http/route.h"
#include "platform/json/write.h"
#include "platform/metrics/history.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::operations {

struct Dependency {
    std::string name;
    bool is_up = false;
    std::string detail;
    bool is_needed = true;  // false: the service goes on without it, if not as well
};

// "up", "degraded" or "down".
inline std::string_view state_of(const Dependency& dependency) {
    if (dependency.is_up) return "up";
    return dependency.is_needed ? "down" : "degraded";
}

struct Listener {
    std::string name;  // as in the API description
    std::string address;
    std::uint16_t port = 0;
};

// Figures of one service's own. No `write`: it has none.
struct Panel {
    http::Schema schema = nullptr;
    std::function<void(std::uint64_t tick)> sample;  // once a second, never twice at a time
    // As JSON, with the history of these ticks. Any thread.
    std::function<void(metrics::Ticks ticks, json::Output& out)> write;
};

struct ServiceRow {
    std::string name;
    std::vector<Listener> listeners;
    std::function<std::vector<Dependency>()> dependencies;
    std::string description;  // OpenAPI
    Panel panel;
    http::Routes actions;  // what people may make it do
};

using Services = std::vector<ServiceRow>;

}  // namespace souk::operations
