// Whether a body may be what a route expects, judged by its Content-Type.
#pragma once

#include "platform/http/route.h"

namespace souk::http {

// "application/json; charset=utf-8" is "application/json"; so is every "…+json".
bool is_json(std::string_view content_type);

struct SentBody {
    std::string_view content_type;  // null data: no such header
    bool empty = true;
};

// The refusal, if the route expects a body and this cannot be one: 415 when the type is another,
// malformed when a JSON type comes with an empty body that is required.
std::optional<core::Error> check_media_type(const Body& expected, const SentBody& sent);

}  // namespace souk::http
