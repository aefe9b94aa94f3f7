// What the rows of the route table are made with.
#pragma once

#include "services/store/http.h"
#include "services/store/wire.h"

namespace souk::store {

template <typename Handle>
http::Handler bind(const Wiring& wiring, Handle* handle) {
    return [&wiring, handle](const http::Request& request) { return handle(wiring, request); };
}

inline http::Body json_body(http::Schema schema) {
    return {.expected = true, .required = true, .schema = schema, .is_judged_late = true};
}

inline constexpr http::Schema refusal = json::schema<Refused>;

}  // namespace souk::store
