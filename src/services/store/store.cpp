#include "services/store/store.h"

#include "services/store/rules.h"
#include "services/store/store_rows.h"
#include "services/store/store_users.h"

#include <algorithm>
#include <utility>

namespace souk::store {
namespace {

constexpr db::Sql select_one = "SELECT 1";
constexpr db::Sql insert_secret =
    "INSERT INTO kept_secrets (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
constexpr db::Sql select_secret = "SELECT value FROM kept_secrets WHERE name = $1";

constexpr db::Sql select_products = R"(
    SELECT id, name, price, description, category, stock, image_url, owner_id
    FROM products ORDER BY id LIMIT $1 OFFSET $2)";
// $1 is folded. lower() folds ASCII only: in SQLite always, in PostgreSQL because of the collation.
// So every engine finds the same products.
constexpr db::Sql select_products_with(R"(
    SELECT id, name, price, description, category, stock, image_url, owner_id FROM products
    WHERE instr(lower(name), $1) > 0 OR instr(lower(description), $1) > 0
    ORDER BY id LIMIT $2 OFFSET $3)",
                                       R"(
    SELECT id, name, price, description, category, stock, image_url, owner_id FROM products
    WHERE strpos(lower(name COLLATE "C"), $1) > 0 OR strpos(lower(description COLLATE "C"), $1) > 0
    ORDER BY id LIMIT $2 OFFSET $3)");
// The same for three characters and more, which is as short as SQLite's index can be asked for. It
// folds more letters than we do, so it finds no less; in the order of ids, so that a page needs no
// more than its rows.
constexpr db::Sql select_products_indexed(R"(
    SELECT id, products.name, price, products.description, category, stock, image_url, owner_id
    FROM products_search CROSS JOIN products ON products.id = products_search.rowid
    WHERE products_search MATCH '"' || replace($1, '"', '""') || '"'
      AND (instr(lower(products.name), $1) > 0 OR instr(lower(products.description), $1) > 0)
    ORDER BY products_search.rowid LIMIT $2 OFFSET $3)",
                                          select_products_with.postgres);
constexpr std::size_t indexed_length_min = 3;

// One statement, so that product and reviews are of one moment: the product first (0), then its
// reviews in any order (1). Their columns lie under those of the product that have their type.
constexpr db::Sql select_detail(R"(
    SELECT 0, id, name, price, description, category, stock, image_url, owner_id
    FROM products WHERE id = $1
    UNION ALL
    SELECT 1, id, content, rating, title, created_at, user_id, updated_at, product_id
    FROM reviews WHERE product_id = $1)",
                                R"(
    SELECT 0, id, name, price, description, category, stock, image_url, owner_id
    FROM products WHERE id = $1
    UNION ALL
    SELECT 1, id, content, rating, title,
           to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), user_id,
           to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), product_id
    FROM reviews WHERE product_id = $1)");
constexpr db::Sql select_product = "SELECT 1 FROM products WHERE id = $1";
constexpr db::Sql insert_product = R"(
    INSERT INTO products (name, price, description, category, stock, image_url, owner_id)
    SELECT $1, $2, $3, $4, $5, $6, users.id FROM users WHERE email = $7
    RETURNING id, owner_id)";

// These take the texts out of the row.
Product read_product(db::Values& row, std::size_t first) {
    return {.id = db::integer(row[first]),
            .name = text_or_empty(std::move(row[first + 1])),
            .price = integer_or_0(row[first + 2]),
            .description = text_or_empty(std::move(row[first + 3])),
            .category = text_or_empty(std::move(row[first + 4])),
            .stock = integer_or_0(row[first + 5]),
            .image_url = text_or_empty(std::move(row[first + 6])),
            .owner_id = integer_or_0(row[first + 7])};
}

// The original service stores "2024-01-15 10:30:00.123456" for what is sent as
// "2024-01-15T10:30:00Z", and may write beside this one.
std::string time_as_sent(std::string stored) {
    constexpr std::size_t to_the_second = 19;
    if (stored.size() < to_the_second) return stored;
    stored.resize(to_the_second);
    stored[10] = 'T';
    return stored + 'Z';
}

Review read_review(db::Values& row) {
    return {.id = db::integer(row[1]),
            .product_id = db::integer(row[8]),
            .user_id = integer_or_0(row[6]),
            .rating = integer_or_0(row[3]),
            .content = text_or_empty(std::move(row[2])),
            .created_at = time_as_sent(text_or_empty(std::move(row[5]))),
            .updated_at = time_as_sent(text_or_empty(std::move(row[7]))),
            .title = text_or_empty(std::move(row[4]))};
}

}  // namespace

core::Task<> Store::ping() { co_await database_.read(select_one); }

core::Task<std::string> Store::kept_secret(std::string name, std::string fresh) {
    co_await database_.write(insert_secret, name, std::move(fresh));
    const db::Rows rows = co_await database_.read(select_secret, std::move(name));
    co_return db::text(rows[0][0]);
}

core::Task<std::vector<Product>> Store::list(ListQuery query) {
    const std::int64_t offset = (query.page - 1) * query.limit;
    db::Rows rows;
    if (query.search.empty()) {
        rows = co_await database_.read(select_products, query.limit, offset);
    } else if (query.search.find('\0') == std::string::npos) {  // which is in no text of ours
        const bool indexed = code_points(query.search) >= indexed_length_min;
        rows = co_await database_.read(indexed ? select_products_indexed : select_products_with,
                                       folded(query.search), query.limit, offset);
    }
    std::vector<Product> products;
    products.reserve(rows.size());
    for (db::Values& row : rows.rows) products.push_back(read_product(row, 0));
    co_return products;
}

core::Task<std::optional<ProductDetail>> Store::detail(std::int64_t id) {
    db::Rows rows = co_await database_.read(select_detail, id);
    std::optional<Product> product;
    std::vector<Review> reviews;
    reviews.reserve(rows.size());
    for (db::Values& row : rows.rows) {
        if (db::integer(row[0]) == 0) {
            product = read_product(row, 1);
        } else {
            reviews.push_back(read_review(row));
        }
    }
    if (!product) co_return std::nullopt;
    std::ranges::sort(reviews, {}, &Review::id);
    co_return ProductDetail{.product = std::move(*product), .reviews = std::move(reviews)};
}

core::Task<bool> Store::has_product(std::int64_t id) {
    const db::Rows rows = co_await database_.read(select_product, id);
    co_return !rows.empty();
}

core::Task<Product> Store::create(Person owner, NewProduct product,
                                  std::optional<db::Statement> with) {
    std::vector<db::Statement> steps;
    steps.push_back(db::statement(insert_user, owner.email, owner.name));
    steps.push_back(db::statement(insert_product, product.name, product.price, product.description,
                                  product.category, product.stock, product.image_url, owner.email));
    if (with) steps.push_back(std::move(*with));
    const std::vector<db::Rows> gave = co_await database_.write_all(std::move(steps));
    const db::Values& row = gave.at(1).rows.at(0);
    co_return Product{.id = db::integer(row[0]),
                      .name = std::move(product.name),
                      .price = product.price,
                      .description = std::move(product.description),
                      .category = std::move(product.category),
                      .stock = product.stock,
                      .image_url = std::move(product.image_url),
                      .owner_id = db::integer(row[1])};
}

}  // namespace souk::store
