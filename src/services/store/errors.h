// Everything store can refuse. The codes are the contract's (spec 2.2); statuses are
// http_errors.cpp's business.
#pragma once

#include "platform/core/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace souk::store {

using core::Error;
using core::Fault;

inline constexpr std::string_view validation_code = "VALIDATION_ERROR";

// "rating: must be between 1 and 5"
inline Error invalid(std::string what) {
    return {Fault::invalid, validation_code, std::move(what)};
}
inline Error invalid_body() { return invalid("body: must be a JSON object"); }

inline Error unauthorized() {
    return {Fault::unauthorized, "UNAUTHORIZED", "A Bearer token is required."};
}
inline Error invalid_token() {
    return {Fault::unauthorized, "INVALID_TOKEN", "The token is not valid."};
}
inline Error token_expired() {
    return {Fault::unauthorized, "TOKEN_EXPIRED", "The token has expired."};
}
inline constexpr std::string_view keys_unavailable_code = "CLERK_AUTH_ERROR";
inline Error keys_unavailable() {
    return {Fault::unavailable, keys_unavailable_code, "Tokens cannot be verified at the moment."};
}
inline Error missing_email() {
    return {Fault::invalid, "MISSING_EMAIL", "The token has no email address."};
}
inline Error missing_product_id() {
    return {Fault::invalid, "MISSING_PRODUCT_ID", "product_id is required."};
}
inline Error invalid_quantity() {
    return {Fault::invalid, "INVALID_QUANTITY",
            "quantity must be a whole number from -1000000 to 1000000 and not zero."};
}
inline Error quantity_too_large() {
    return {Fault::invalid, "INVALID_QUANTITY",
            "The cart may hold at most 1000000 of a product, and 1000 products."};
}
inline Error product_not_found(std::int64_t id) {
    return {Fault::not_found, "PRODUCT_NOT_FOUND",
            "Product with id " + std::to_string(id) + " not found."};
}
// For an id that is no 63-bit number; `id` is as sent.
inline Error product_not_found(std::string_view id) {
    return {Fault::not_found, "PRODUCT_NOT_FOUND",
            "Product with id " + std::string(id) + " not found."};
}
// For an id of a body that is no 63-bit number, and so cannot be repeated.
inline Error no_such_product() {
    return {Fault::not_found, "PRODUCT_NOT_FOUND", "There is no product with such an id."};
}
inline constexpr std::string_view cdn_auth_code = "CDN_AUTH_ERROR";
inline Error uploads_not_configured() {
    return {Fault::internal, cdn_auth_code, "Uploads are not configured."};
}
inline constexpr std::string_view rate_limited_code = "RATE_LIMITED";

// Of checkout, which the contract does not have (spec 5.10).
inline Error user_not_found() {
    return {Fault::not_found, "USER_NOT_FOUND", "There is no user with this email address."};
}
inline Error empty_cart() { return {Fault::invalid, "EMPTY_CART", "The cart is empty."}; }
inline Error invalid_cart_quantity() {
    return {Fault::invalid, "INVALID_QUANTITY", "An entry of the cart has no valid quantity."};
}
inline Error insufficient_stock(const std::string& product) {
    return {Fault::invalid, "INSUFFICIENT_STOCK", "Not enough of " + product + " is left."};
}
inline Error key_was_used() {
    return {Fault::conflict, "IDEMPOTENCY_KEY_REUSED",
            "Idempotency-Key: was used for an order with another body"};
}

}  // namespace souk::store
