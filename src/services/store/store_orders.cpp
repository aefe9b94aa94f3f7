// Checkout: a cart becomes an order, in one transaction. One after another, because each step needs
// what the one before gave.
#include "services/store/store.h"
#include "services/store/store_rows.h"

#include <utility>

namespace souk::store {
namespace {

// On PostgreSQL the row is locked: checkouts of one user come one after another, so that a key is
// found by the second. SQLite has one writer.
constexpr db::Sql lock_user("SELECT id FROM users WHERE email = $1",
                            "SELECT id FROM users WHERE email = $1 FOR NO KEY UPDATE");
constexpr db::Sql select_order_of_key = R"(
    SELECT id, total_amount, item_count, created_at, digest FROM orders
    WHERE user_id = $1 AND idempotency_key = $2)";
// Locked likewise: what is ordered is what is then taken out of the cart. In the order of products,
// as everybody takes them, so that two checkouts never wait for each other.
constexpr db::Sql lock_cart(R"(
    SELECT cart.id, cart.product_id, quantity, products.id, products.name, price
    FROM cart LEFT JOIN products ON products.id = cart.product_id
    WHERE user_id = $1 ORDER BY cart.product_id)",
                            R"(
    SELECT cart.id, cart.product_id, quantity, products.id, products.name, price
    FROM cart LEFT JOIN products ON products.id = cart.product_id
    WHERE user_id = $1 ORDER BY cart.product_id FOR UPDATE OF cart)");
// Looks and takes in one step, so that parallel checkouts never sell what is not there.
constexpr db::Sql lower_stock =
    "UPDATE products SET stock = stock - $2 WHERE id = $1 AND stock >= $2";
constexpr db::Sql insert_order = R"(
    INSERT INTO orders (user_id, name, address, phone, payment_method, total_amount, item_count,
                        created_at, idempotency_key, digest)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id)";
constexpr db::Sql insert_item = R"(
    INSERT INTO order_items (order_id, product_id, name, price, quantity)
    VALUES ($1, $2, $3, $4, $5))";
constexpr db::Sql delete_entry = "DELETE FROM cart WHERE id = $1";
constexpr db::Sql select_order = R"(
    SELECT orders.id, total_amount, item_count, created_at, users.email, orders.name, address
    FROM orders JOIN users ON users.id = orders.user_id WHERE orders.id = $1)";
constexpr db::Sql select_items =
    "SELECT name, price, quantity FROM order_items WHERE order_id = $1 ORDER BY id";

struct Line {
    std::int64_t cart_id = 0;
    std::int64_t product_id = 0;
    std::int64_t quantity = 0;
    bool has_product = false;
    std::string name;
    std::int64_t price = 0;
};

Order read_order(const db::Values& row) {
    return {db::integer(row[0]), db::integer(row[1]), db::integer(row[2]), db::integer(row[3])};
}

std::vector<Line> read_lines(const db::Rows& rows) {
    std::vector<Line> lines;
    for (const db::Values& row : rows.rows) {
        lines.push_back({.cart_id = db::integer(row[0]),
                         .product_id = db::integer(row[1]),
                         .quantity = db::integer(row[2]),
                         .has_product = !db::is_null(row[3]),
                         .name = text_or_empty(row[4]),
                         .price = integer_or_0(row[5])});
    }
    return lines;
}

// What is wrong with the cart as it is; nullopt: it can be ordered, if enough is left.
std::optional<Checkout> refusal_of(const std::vector<Line>& lines) {
    using enum Checkout::Outcome;
    if (lines.empty()) return Checkout{.outcome = empty_cart};
    for (const Line& line : lines)
        if (line.quantity <= 0) return Checkout{.outcome = bad_quantity};
    for (const Line& line : lines) {
        if (line.has_product) continue;
        return Checkout{.outcome = product_gone, .product_id = line.product_id};
    }
    return std::nullopt;
}

// nullopt: more than can be counted.
std::optional<Order> totals_of(const std::vector<Line>& lines) {
    Order order;
    for (const Line& line : lines) {
        std::int64_t amount = 0;
        const bool too_much =
            __builtin_mul_overflow(line.price, line.quantity, &amount) ||
            __builtin_add_overflow(order.total_amount, amount, &order.total_amount) ||
            __builtin_add_overflow(order.item_count, line.quantity, &order.item_count);
        if (too_much) return std::nullopt;
    }
    return order;
}

// The first line for which too little is left; nullptr: all have been taken.
core::Task<const Line*> take_stock(db::Transaction& transaction, const std::vector<Line>& lines) {
    std::vector<db::Values> rows;
    for (const Line& line : lines) rows.push_back(db::values(line.product_id, line.quantity));
    const std::vector<std::int64_t> changed =
        co_await transaction.run_many(lower_stock, std::move(rows));
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (changed.at(i) == 0) co_return &lines[i];
    co_return nullptr;
}

core::Task<> move_lines(db::Transaction& transaction, std::int64_t order_id,
                        const std::vector<Line>& lines) {
    std::vector<db::Values> items;
    std::vector<db::Values> entries;
    for (const Line& line : lines) {
        items.push_back(
            db::values(order_id, line.product_id, line.name, line.price, line.quantity));
        entries.push_back(db::values(line.cart_id));
    }
    co_await transaction.run_many(insert_item, std::move(items));
    co_await transaction.run_many(delete_entry, std::move(entries));
}

// The order that was placed with this key, if any.
core::Task<std::optional<Checkout>> find_repeated(db::Transaction& transaction,
                                                  std::int64_t user_id, const NewOrder& wanted) {
    if (wanted.idempotency_key.empty()) co_return std::nullopt;
    const db::Rows rows =
        co_await transaction.run(select_order_of_key, user_id, wanted.idempotency_key);
    if (rows.empty()) co_return std::nullopt;
    if (db::text(rows[0][4]) != wanted.digest)
        co_return Checkout{.outcome = Checkout::Outcome::key_reused};
    co_return Checkout{.outcome = Checkout::Outcome::repeated, .order = read_order(rows[0])};
}

core::Task<std::int64_t> add_order(db::Transaction& transaction, std::int64_t user_id,
                                   const NewOrder& wanted, const Order& order) {
    db::Value key = db::Null{};
    if (!wanted.idempotency_key.empty()) key = wanted.idempotency_key;
    const db::Rows rows = co_await transaction.run(
        insert_order, user_id, wanted.name, wanted.address, wanted.phone, wanted.payment_method,
        order.total_amount, order.item_count, order.created_at_ms, key, wanted.digest);
    co_return db::integer(rows[0][0]);
}

}  // namespace

// Every way out before the commit leaves all as it was.
core::Task<Checkout> Store::check_out(Person person, NewOrder wanted, Also also,
                                      std::optional<db::Statement> with) {
    db::Transaction transaction = co_await database_.begin();
    const db::Rows user = co_await transaction.run(lock_user, person.email);
    if (user.empty()) co_return Checkout{.outcome = Checkout::Outcome::no_user};
    const std::int64_t user_id = db::integer(user[0][0]);
    std::optional<Checkout> before = co_await find_repeated(transaction, user_id, wanted);
    if (before) {
        // The order that was found may be of a transaction that is not durable yet; after this it
        // is.
        co_await transaction.commit();
        co_return std::move(*before);
    }

    const db::Rows rows = co_await transaction.run(lock_cart, user_id);
    const std::vector<Line> lines = read_lines(rows);
    std::optional<Checkout> refused = refusal_of(lines);
    if (refused) co_return std::move(*refused);
    const std::optional<Order> totals = totals_of(lines);
    if (!totals) co_return Checkout{.outcome = Checkout::Outcome::bad_quantity};
    const Line* const short_of = co_await take_stock(transaction, lines);
    if (short_of != nullptr) {
        co_return Checkout{.outcome = Checkout::Outcome::too_few_left,
                           .order = {},
                           .product_id = short_of->product_id,
                           .product_name = short_of->name};
    }

    Order order = *totals;
    order.created_at_ms = core::to_ms(clock_.now());
    order.id = co_await add_order(transaction, user_id, wanted, order);
    co_await move_lines(transaction, order.id, lines);
    if (also) co_await transaction.run(also(order.id));
    if (with) co_await transaction.run(std::move(*with));
    co_await transaction.commit();
    co_return Checkout{.outcome = Checkout::Outcome::placed, .order = order};
}

core::Task<std::optional<PlacedOrder>> Store::find_order(std::int64_t id) {
    const db::Rows rows = co_await database_.read(select_order, id);
    if (rows.empty()) co_return std::nullopt;
    PlacedOrder placed{.order = read_order(rows[0]),
                       .email = db::text(rows[0][4]),
                       .name = db::text(rows[0][5]),
                       .address = db::text(rows[0][6]),
                       .lines = {}};
    const db::Rows items = co_await database_.read(select_items, id);
    for (const db::Values& row : items.rows)
        placed.lines.push_back({db::text(row[0]), db::integer(row[1]), db::integer(row[2])});
    co_return placed;
}

}  // namespace souk::store
