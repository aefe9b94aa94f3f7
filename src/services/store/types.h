// The nouns of store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace souk::store {

// Who calls, as a verified token says, made ready for the tables.
struct Person {
    std::string email;  // trimmed, lower-case, not empty
    std::string name;   // "Unknown User" when the token has none
};

struct NewProduct {
    std::string name;
    std::int64_t price = 0;
    std::string description;
    std::string category;
    std::int64_t stock = 0;
    std::string image_url;
};

struct Product {
    std::int64_t id = 0;
    std::string name;
    std::int64_t price = 0;
    std::string description;
    std::string category;
    std::int64_t stock = 0;
    std::string image_url;
    std::int64_t owner_id = 0;
};

// One page of the list; `search` is as sent, empty for all products.
struct ListQuery {
    std::string search;
    std::int64_t page = 1;
    std::int64_t limit = 20;
};

struct NewReview {
    std::int64_t product_id = 0;
    std::string title;
    std::int64_t rating = 0;
    std::string content;
};

struct Review {
    std::int64_t id = 0;
    std::int64_t product_id = 0;
    std::int64_t user_id = 0;
    std::int64_t rating = 0;
    std::string content;
    std::string created_at;  // as sent
    std::string updated_at;
    std::string title;
};

struct ProductDetail {
    Product product;
    std::vector<Review> reviews;
};

// What a caller wants changed. The contract's cart_id is not here: it could only name the caller's
// entry for this product, which is found without it (store_cart.cpp).
struct CartChange {
    std::int64_t product_id = 0;
    std::int64_t quantity = 0;  // to add; negative: to take out
};

// The caller's entry for the product as it is stored after a change; no id: there is none.
struct CartEntry {
    std::optional<std::int64_t> cart_id;
    std::int64_t product_id = 0;
    std::int64_t quantity = 0;
};

struct CartItem {
    std::int64_t cart_id = 0;
    std::int64_t product_id = 0;
    std::string name;
    std::int64_t price = 0;
    std::string image_url;
    std::string category;
    std::int64_t quantity = 0;
};

struct Cart {
    bool is_known = false;  // whether the caller has ever written anything
    std::vector<CartItem> items;
};

// A message of the contact form, checked, with what is stored beside it.
struct NewContact {
    std::string name;
    std::string email;
    std::string subject;  // empty: none
    std::string message;
    std::string caller_email;  // of an optional valid token; empty: none
    std::string ip_hash;
    std::string key;            // a UUID of its own, for the job and the digest
    std::string digest;         // the same for the same message from the same email
    bool is_forwarded = false;  // whether there is anybody to forward it to
};

struct NewOrder {
    std::string name;
    std::string address;
    std::string phone;
    std::string payment_method;
    std::string idempotency_key;  // empty: none was sent
    std::string digest;           // of the four texts
};

struct Order {
    std::int64_t id = 0;
    std::int64_t total_amount = 0;
    std::int64_t item_count = 0;
    std::int64_t created_at_ms = 0;
};

// What became of a checkout.
struct Checkout {
    enum class Outcome {
        placed,
        repeated,    // the key's order, placed before
        key_reused,  // the key's order had another body
        no_user,     // the caller has never written anything
        empty_cart,
        bad_quantity,  // an entry that this program did not write
        product_gone,
        too_few_left
    };
    Outcome outcome = Outcome::no_user;
    Order order;                  // when placed or repeated
    std::int64_t product_id = 0;  // of the last two
    std::string product_name;     // of the last
};

// What the confirmation of an order says.
struct OrderLine {
    std::string name;
    std::int64_t price = 0;
    std::int64_t quantity = 0;
};
struct PlacedOrder {
    Order order;
    std::string email;
    std::string name;
    std::string address;
    std::vector<OrderLine> lines;
};

}  // namespace souk::store
