// JSON of the contract to types and back: what clients send is read here, what they get has its
// shapes in wire_answers.h.
#pragma once

#include "platform/core/result.h"
#include "platform/json/read.h"
#include "platform/json/schema.h"
#include "services/store/contact_messages.h"
#include "services/store/types.h"

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::store {

// Bodies clients send.
struct ProductBody {
    std::string_view name;
    std::int64_t price = 0;
    std::string_view description;
    std::string_view category;
    std::int64_t stock = 0;
    std::string_view image_url;
};
struct CartBody {
    std::optional<std::int64_t> cart_id;
    std::optional<std::int64_t> product_id;
    std::optional<std::int64_t> quantity;
};
// The same as the API description shows it: CartBody can tell a field that is absent from a wrong
// one.
struct CartBodyShown {
    std::optional<std::int64_t> cart_id;
    std::int64_t product_id = 0;
    std::int64_t quantity = 0;
};
struct ReviewBody {
    std::int64_t product_id = 0;
    std::string_view title;
    std::int64_t rating = 0;
    std::string_view content;
};
struct ContactBody {
    std::string_view name;
    std::string_view email;
    std::optional<std::string_view> subject;
    std::string_view message;
    std::optional<std::string_view> website;
};
struct OrderBody {
    std::string_view name;
    std::string_view address;
    std::string_view phone;
    std::string_view payment_method;
};

core::Result<NewProduct> read_product(std::string_view body, std::pmr::memory_resource& memory);
core::Result<CartChange> read_cart_change(std::string_view body, std::pmr::memory_resource& memory);
core::Result<NewReview> read_review(std::string_view body, std::pmr::memory_resource& memory);

struct SentContact {
    std::string name;
    std::string email;
    std::string subject;
    std::string message;
    bool is_robot = false;
};
core::Result<SentContact> read_contact(std::string_view body, std::pmr::memory_resource& memory);
core::Result<NewOrder> read_order(std::string_view body, std::pmr::memory_resource& memory);

// The whole answer of the list.
std::string write_list(const std::vector<Product>& products);

// What the webhook of the contact form gets.
std::string write_webhook(const ContactRow& row, const std::string& created_at);

}  // namespace souk::store

namespace souk::json {

template <>
inline constexpr auto shape<store::ProductBody> =
    object("NewProduct", field("name", &store::ProductBody::name, "", length(1, 100)),
           field("price", &store::ProductBody::price, "in a unit the client knows",
                 range(1, 2'147'483'647), point_zero),
           field("description", &store::ProductBody::description, "", length(0, 10'000)),
           field("category", &store::ProductBody::category, "", length(1, 50)),
           field("stock", &store::ProductBody::stock, "", range(0, 2'147'483'647), point_zero),
           field("image_url", &store::ProductBody::image_url, "", length(0, 255)));
template <>
inline constexpr auto shape<store::CartBody> = object(
    "CartChangeRead", field("cart_id", &store::CartBody::cart_id, "", point_zero),
    field("product_id", &store::CartBody::product_id, "", point_zero),
    field("quantity", &store::CartBody::quantity, "", range(-1'000'000, 1'000'000), point_zero));
template <>
inline constexpr auto shape<store::CartBodyShown> =
    object("CartChange",
           field("cart_id", &store::CartBodyShown::cart_id,
                 "an entry of the caller for this product; needless"),
           field("product_id", &store::CartBodyShown::product_id),
           field("quantity", &store::CartBodyShown::quantity,
                 "units to add, negative to take out; not zero", range(-1'000'000, 1'000'000)));
template <>
inline constexpr auto shape<store::ReviewBody> =
    object("NewReview", field("product_id", &store::ReviewBody::product_id, "", point_zero),
           field("title", &store::ReviewBody::title, "", length(1, 200)),
           field("rating", &store::ReviewBody::rating, "", range(1, 5), point_zero),
           field("content", &store::ReviewBody::content, "", length(1, 1'000)));
template <>
inline constexpr auto shape<store::ContactBody> =
    object("Contact", field("name", &store::ContactBody::name, "1 to 100 characters"),
           field("email", &store::ContactBody::email, "where the answer goes"),
           field("subject", &store::ContactBody::subject, "at most 150 characters"),
           field("message", &store::ContactBody::message, "1 to 5000 characters"),
           field("website", &store::ContactBody::website, "people leave it empty"));
template <>
inline constexpr auto shape<store::OrderBody> =
    object("NewOrder", field("name", &store::OrderBody::name, "", length(1, 100)),
           field("address", &store::OrderBody::address, "", length(1, 500)),
           field("phone", &store::OrderBody::phone, "", length(1, 20)),
           field("payment_method", &store::OrderBody::payment_method, "", length(1, 50)));

}  // namespace souk::json
