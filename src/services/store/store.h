// The rows of store: products, users, carts, reviews, orders. Those of the contact form are in
// contact_messages.h. Every write is one transaction.
#pragma once

#include "platform/core/clock.h"
#include "platform/core/task.h"
#include "platform/db/database.h"
#include "services/store/types.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace souk::store {

class Store {
public:
    Store(db::Database& database, const core::Clock& clock) : database_(database), clock_(clock) {}

    core::Task<> ping();

    // The value kept under that name; made from `fresh` when there is none, for all processes.
    core::Task<std::string> kept_secret(std::string name, std::string fresh);

    core::Task<std::vector<Product>> list(ListQuery query);
    core::Task<std::optional<ProductDetail>> detail(std::int64_t id);
    core::Task<bool> has_product(std::int64_t id);
    // `with` is one more step of the transaction, as of check_out().
    core::Task<Product> create(Person owner, NewProduct product,
                               std::optional<db::Statement> with = {});

    core::Task<Cart> cart(Person person);

    struct CartChanged {
        bool has_product = false;
        bool is_too_much = false;  // then nothing has changed
        CartEntry entry;
    };
    core::Task<CartChanged> change_cart(Person person, CartChange change);

    // The review's id; nullopt: no such product.
    core::Task<std::optional<std::int64_t>> add_review(Person author, NewReview review);

    // Turns the cart into an order. `also` makes one more statement of the transaction for the
    // order's id; may be empty.
    using Also = std::function<db::Statement(std::int64_t order_id)>;
    core::Task<Checkout> check_out(Person person, NewOrder wanted, Also also,
                                   std::optional<db::Statement> with = {});
    core::Task<std::optional<PlacedOrder>> find_order(std::int64_t id);

private:
    core::Task<CartChanged> add_to_cart(Person person, CartChange change);
    core::Task<CartChanged> take_from_cart(Person person, CartChange change);

    db::Database& database_;
    const core::Clock& clock_;
};

}  // namespace souk::store
