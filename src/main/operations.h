// The operations listener: health, metrics, API descriptions.
#pragma once

#include "platform/http/room.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace souk {

struct Dependency {
    std::string name;
    std::string state;  // "up" or "down"
    std::string detail;
};

struct Operations {
    std::function<std::vector<Dependency>()> dependencies;
    std::function<std::string()> metrics_text;
    std::map<std::string, std::string> descriptions;  // service name to OpenAPI document
    std::string token;                                // empty: loopback only, no token asked
    std::string address;
};

// `operations` must outlive the room.
http::Room operations_room(const Operations& operations);

}  // namespace souk
