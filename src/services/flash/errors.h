// Everything flash can refuse. How it looks on the wire is http.cpp's business: `code` is the
// envelope's "status" where the contract has one, else for programs only.
#pragma once

#include "platform/core/error.h"

#include <string>
#include <string_view>

namespace souk::flash {

using core::Error;
using core::Fault;

inline Error invalid_json() { return {Fault::malformed, "invalid_json", "Invalid JSON"}; }
inline Error over_limit() { return {Fault::limited, "limited", "Over the rate limit"}; }
inline constexpr std::string_view client_over_limit_code = "client_limited";
inline Error client_over_limit() {
    return {Fault::limited, client_over_limit_code, "Too many requests"};
}
inline Error missing_key() { return {Fault::invalid, "missing_key", "Missing Idempotency Key"}; }
inline Error invalid_key() { return {Fault::invalid, "invalid_key", "Invalid Idempotency Key"}; }
inline Error missing_product() { return {Fault::invalid, "missing_product", "Missing productId"}; }
inline Error invalid_product() { return {Fault::invalid, "invalid_product", "Invalid productId"}; }
inline Error missing_user() { return {Fault::invalid, "missing_user", "Missing userId"}; }
inline Error invalid_user() { return {Fault::invalid, "invalid_user", "Invalid userId"}; }
inline Error missing_quantity() { return {Fault::invalid, "missing_quantity", "Missing quantity"}; }
inline Error invalid_quantity() { return {Fault::invalid, "invalid_quantity", "Invalid quantity"}; }
inline Error invalid_order_id() { return {Fault::invalid, "invalid_order_id", "Invalid order id"}; }
inline Error too_many_products() {
    return {Fault::invalid, "too_many_products", "Too many products"};
}
inline Error unauthorized() { return {Fault::unauthorized, "unauthorized", "Unauthorized"}; }
inline Error order_not_found() { return {Fault::not_found, "order_not_found", "Order not found"}; }
inline Error product_not_found() {
    return {Fault::not_found, "product_not_found", "Product not found"};
}
inline Error sold_out() { return {Fault::conflict, "sold_out", "Inventory empty"}; }
inline Error limit_reached() {
    return {Fault::conflict, "limit_reached", "Order limit per user reached"};
}
inline Error not_cancellable() {
    return {Fault::conflict, "not_cancellable", "Order already confirmed"};
}
inline Error not_handed_over() {
    return {Fault::unavailable, "not_handed_over", "Order processing failed"};
}

// What /health says: "<component> unavailable".
inline constexpr std::string_view component_down_code = "component_down";
inline Error component_down(const std::string& component) {
    return {Fault::unavailable, component_down_code, component + " unavailable"};
}

}  // namespace souk::flash
