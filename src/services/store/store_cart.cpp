// Carts and reviews. All that concurrent requests could spoil is decided by the statements
// themselves.
#include "platform/core/iso_time.h"
#include "services/store/rules.h"
#include "services/store/store.h"
#include "services/store/store_rows.h"
#include "services/store/store_users.h"

#include <utility>

namespace souk::store {
namespace {

constexpr db::Sql select_product = "SELECT 1 FROM products WHERE id = $1";

// The contract finds an entry by cart_id, if it is the caller's and for this product, else by
// caller and product. Since these two have one entry at most (the unique index), both ways lead to
// the same row, and cart_id is not asked.
constexpr db::Sql upsert_entry = R"(
    INSERT INTO cart (user_id, product_id, quantity, updated_at)
    SELECT users.id, products.id, $3, $4 FROM users, products
    WHERE users.email = $1 AND products.id = $2
      AND (EXISTS (SELECT 1 FROM cart WHERE user_id = users.id AND product_id = products.id)
           OR (SELECT count(*) FROM cart WHERE user_id = users.id) < $6)
    ON CONFLICT (user_id, product_id) DO UPDATE
    SET quantity = cart.quantity + excluded.quantity, updated_at = excluded.updated_at
    WHERE cart.quantity + excluded.quantity <= $5
    RETURNING id, quantity)";

// First the new sum, which locks the row, and only then the look at it: asked the other way round,
// two requests could both find enough and leave less than nothing.
constexpr db::Sql lower_entry = R"(
    UPDATE cart SET quantity = quantity + $3, updated_at = $4
    WHERE user_id = (SELECT id FROM users WHERE email = $1) AND product_id = $2
    RETURNING id, quantity)";
constexpr db::Sql delete_spent_entry = R"(
    DELETE FROM cart
    WHERE user_id = (SELECT id FROM users WHERE email = $1) AND product_id = $2 AND quantity <= 0)";

constexpr db::Sql select_cart = R"(
    SELECT cart.id, products.id, products.name, price, image_url, category, quantity
    FROM users LEFT JOIN cart ON cart.user_id = users.id
               LEFT JOIN products ON products.id = cart.product_id
    WHERE users.email = $1 ORDER BY cart.id)";

constexpr db::Sql insert_review = R"(
    INSERT INTO reviews (product_id, user_id, rating, title, content, created_at, updated_at)
    SELECT products.id, users.id, $3, $4, $5, $6, $6 FROM users, products
    WHERE users.email = $1 AND products.id = $2
    RETURNING id)";

}  // namespace

core::Task<Cart> Store::cart(Person person) {
    const db::Rows rows = co_await database_.read(select_cart, std::move(person.email));
    Cart cart{.is_known = !rows.empty(), .items = {}};
    for (const db::Values& row : rows.rows) {
        if (db::is_null(row[0]) || db::is_null(row[1]))
            continue;  // no entry, or its product is gone
        cart.items.push_back({.cart_id = db::integer(row[0]),
                              .product_id = db::integer(row[1]),
                              .name = text_or_empty(row[2]),
                              .price = integer_or_0(row[3]),
                              .image_url = text_or_empty(row[4]),
                              .category = text_or_empty(row[5]),
                              .quantity = integer_or_0(row[6])});
    }
    co_return cart;
}

core::Task<Store::CartChanged> Store::change_cart(Person person, CartChange change) {
    if (change.quantity > 0) return add_to_cart(std::move(person), change);
    return take_from_cart(std::move(person), change);
}

core::Task<Store::CartChanged> Store::add_to_cart(Person person, CartChange change) {
    const std::string now = core::to_iso8601_seconds(clock_.now());
    std::vector<db::Statement> steps;
    steps.push_back(db::statement(select_product, change.product_id));
    steps.push_back(
        db::statement(insert_user_for_product, person.email, person.name, change.product_id));
    steps.push_back(db::statement(upsert_entry, person.email, change.product_id, change.quantity,
                                  now, quantity_max, cart_entries_max));
    const std::vector<db::Rows> gave = co_await database_.write_all(std::move(steps));

    CartChanged changed{.has_product = !gave.at(0).empty()};
    changed.entry.product_id = change.product_id;
    changed.is_too_much = changed.has_product && gave.at(2).empty();
    if (gave.at(2).empty()) co_return changed;
    changed.entry.cart_id = db::integer(gave[2][0][0]);
    changed.entry.quantity = db::integer(gave[2][0][1]);
    co_return changed;
}

core::Task<Store::CartChanged> Store::take_from_cart(Person person, CartChange change) {
    const std::string now = core::to_iso8601_seconds(clock_.now());
    std::vector<db::Statement> steps;
    steps.push_back(db::statement(select_product, change.product_id));
    steps.push_back(
        db::statement(lower_entry, person.email, change.product_id, change.quantity, now));
    steps.push_back(db::statement(delete_spent_entry, person.email, change.product_id));
    const std::vector<db::Rows> gave = co_await database_.write_all(std::move(steps));

    CartChanged changed{.has_product = !gave.at(0).empty()};
    changed.entry.product_id = change.product_id;
    if (gave.at(1).empty() || db::integer(gave[1][0][1]) <= 0) co_return changed;
    changed.entry.cart_id = db::integer(gave[1][0][0]);
    changed.entry.quantity = db::integer(gave[1][0][1]);
    co_return changed;
}

core::Task<std::optional<std::int64_t>> Store::add_review(Person author, NewReview review) {
    const std::string now = core::to_iso8601_seconds(clock_.now());
    std::vector<db::Statement> steps;
    steps.push_back(
        db::statement(insert_user_for_product, author.email, author.name, review.product_id));
    steps.push_back(db::statement(insert_review, author.email, review.product_id, review.rating,
                                  review.title, review.content, now));
    const std::vector<db::Rows> gave = co_await database_.write_all(std::move(steps));
    if (gave.at(1).empty()) co_return std::nullopt;
    co_return db::integer(gave[1][0][0]);
}

}  // namespace souk::store
