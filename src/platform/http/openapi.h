// OpenAPI 3.1 from the same tables that dispatch.
#pragma once

#include "platform/http/room.h"

#include <string>
#include <string_view>
#include <vector>

namespace souk::http {

struct Description {
    std::string_view title;
    std::string_view version;
    std::string_view summary;
};

// The document as JSON text. Each room stands for one listener of the service, whose name its
// operations carry as "x-listener".
std::string openapi(const Description& description, const std::vector<const Room*>& rooms);

}  // namespace souk::http
