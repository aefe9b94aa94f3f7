// The shapes of what store answers.
#pragma once

#include "platform/json/schema.h"
#include "platform/json/write.h"
#include "services/store/types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::store {

// The envelope of every success but two.
template <typename Data>
struct Answered {
    Answered(std::string_view said, Data with) : message(said), data(std::move(with)) {}
    Answered() = default;
    bool success = true;
    std::string_view message;
    Data data{};
};

struct Refused {
    bool success = false;
    std::string_view message;
    std::string_view error_code;
};

struct StatusBody {
    std::string_view status;
    std::int64_t uptime_seconds = 0;
};

struct DatabaseHealth {
    bool ok = false;
    std::optional<std::string> error;
};
struct CacheHealth {
    bool ok = false;
    std::optional<std::string> error;
    std::int64_t hits = 0;
    std::int64_t misses = 0;
    std::int64_t total = 0;
    double hit_rate_pct = 0;
};
struct HealthBody {
    std::string_view status;
    std::int64_t uptime_seconds = 0;
    DatabaseHealth database;
    CacheHealth cache;
};

struct UploadBody {
    std::string signature;
    std::string token;
    std::int64_t expire = 0;
};

struct ReviewAnswer {
    std::int64_t id = 0;
    std::string_view title;
    std::int64_t rating = 0;
    std::string_view content;
};

struct ContactAnswer {
    std::int64_t id = 0;
    std::string created_at;
};

struct OrderAnswer {
    std::int64_t order_id = 0;
    std::int64_t total_amount = 0;
    std::int64_t item_count = 0;
    std::string created_at;
};

struct WebhookBody {
    std::int64_t id = 0;
    std::string_view name;
    std::string_view email;
    std::optional<std::string> subject;
    std::string_view message;
    std::string_view created_at;
};

}  // namespace souk::store

namespace souk::json {

template <typename Data>
inline constexpr auto shape<store::Answered<Data>> = object(
    "Success", field("success", &store::Answered<Data>::success),
    field("message", &store::Answered<Data>::message), field("data", &store::Answered<Data>::data));
template <>
inline constexpr auto shape<store::Refused> =
    object("Error", field("success", &store::Refused::success),
           field("message", &store::Refused::message, "for people"),
           field("error_code", &store::Refused::error_code, "for programs"));
template <>
inline constexpr auto shape<store::StatusBody> =
    object("Status", field("status", &store::StatusBody::status),
           field("uptime_seconds", &store::StatusBody::uptime_seconds));
template <>
inline constexpr auto shape<store::DatabaseHealth> =
    object("DatabaseHealth", field("ok", &store::DatabaseHealth::ok),
           field("error", &store::DatabaseHealth::error));
template <>
inline constexpr auto shape<store::CacheHealth> =
    object("CacheHealth", field("ok", &store::CacheHealth::ok),
           field("error", &store::CacheHealth::error), field("hits", &store::CacheHealth::hits),
           field("misses", &store::CacheHealth::misses), field("total", &store::CacheHealth::total),
           field("hit_rate_pct", &store::CacheHealth::hit_rate_pct));
template <>
inline constexpr auto shape<store::HealthBody> = object(
    "Health", field("status", &store::HealthBody::status),
    field("uptime_seconds", &store::HealthBody::uptime_seconds),
    field("database", &store::HealthBody::database), field("cache", &store::HealthBody::cache));
template <>
inline constexpr auto shape<store::UploadBody> =
    object("UploadSignature", field("signature", &store::UploadBody::signature),
           field("token", &store::UploadBody::token),
           field("expire", &store::UploadBody::expire, "Unix seconds"));
template <>
inline constexpr auto shape<store::Product> = object(
    "Product", field("id", &store::Product::id), field("name", &store::Product::name),
    field("price", &store::Product::price), field("description", &store::Product::description),
    field("category", &store::Product::category), field("stock", &store::Product::stock),
    field("image_url", &store::Product::image_url), field("owner_id", &store::Product::owner_id));
template <>
inline constexpr auto shape<store::Review> = object(
    "Review", field("id", &store::Review::id), field("product_id", &store::Review::product_id),
    field("user_id", &store::Review::user_id), field("rating", &store::Review::rating),
    field("content", &store::Review::content), field("created_at", &store::Review::created_at),
    field("updated_at", &store::Review::updated_at), field("title", &store::Review::title));
template <>
inline constexpr auto shape<store::ProductDetail> =
    object("ProductDetail", field("product", &store::ProductDetail::product),
           field("reviews", &store::ProductDetail::reviews));
template <>
inline constexpr auto shape<store::CartEntry> =
    object("CartEntry", field("cart_id", &store::CartEntry::cart_id, "null: there is no entry"),
           field("product_id", &store::CartEntry::product_id),
           field("quantity", &store::CartEntry::quantity));
template <>
inline constexpr auto shape<store::CartItem> = object(
    "CartItem", field("cart_id", &store::CartItem::cart_id),
    field("product_id", &store::CartItem::product_id), field("name", &store::CartItem::name),
    field("price", &store::CartItem::price), field("image_url", &store::CartItem::image_url),
    field("category", &store::CartItem::category), field("quantity", &store::CartItem::quantity));
template <>
inline constexpr auto shape<store::ReviewAnswer> = object(
    "NewReviewAnswer", field("id", &store::ReviewAnswer::id),
    field("title", &store::ReviewAnswer::title), field("rating", &store::ReviewAnswer::rating),
    field("content", &store::ReviewAnswer::content));
template <>
inline constexpr auto shape<store::ContactAnswer> =
    object("ContactAnswer", field("id", &store::ContactAnswer::id),
           field("created_at", &store::ContactAnswer::created_at));
template <>
inline constexpr auto shape<store::OrderAnswer> =
    object("Order", field("order_id", &store::OrderAnswer::order_id),
           field("total_amount", &store::OrderAnswer::total_amount),
           field("item_count", &store::OrderAnswer::item_count),
           field("created_at", &store::OrderAnswer::created_at));
template <>
inline constexpr auto shape<store::WebhookBody> = object(
    "ContactWebhook", field("id", &store::WebhookBody::id),
    field("name", &store::WebhookBody::name), field("email", &store::WebhookBody::email),
    field("subject", &store::WebhookBody::subject), field("message", &store::WebhookBody::message),
    field("created_at", &store::WebhookBody::created_at));

}  // namespace souk::json
