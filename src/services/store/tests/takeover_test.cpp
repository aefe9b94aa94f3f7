// A database that the original service has left is taken over: nothing is lost, and what its races
// have doubled is one again.
#include "services/store/tests/on_sqlite.h"
#include "services/store/tests/room.h"

namespace souk::store {
namespace {

constexpr db::Migration original[] = {
    {1, "original", R"(
    CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100), email VARCHAR(100));
    CREATE UNIQUE INDEX ix_users_email ON users (email);
    CREATE TABLE products (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100), price INTEGER,
        description VARCHAR, category VARCHAR(50), stock INTEGER, image_url VARCHAR(255),
        owner_id INTEGER, FOREIGN KEY (owner_id) REFERENCES users (id));
    CREATE TABLE reviews (id INTEGER NOT NULL PRIMARY KEY, product_id INTEGER, user_id INTEGER,
        rating INTEGER, title VARCHAR(200), content VARCHAR, created_at DATETIME, updated_at DATETIME);
    CREATE TABLE cart (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER, product_id INTEGER,
        quantity INTEGER, updated_at DATETIME);
    INSERT INTO users VALUES (1, 'Bob', 'Bob@Shop.example'), (2, 'Eve', 'eve@shop.example');
    INSERT INTO products VALUES (1, 'Old Lamp', 5, 'Brass', 'c', 3, 'u', 1);
    INSERT INTO products VALUES (2, 'Rug', 7, NULL, 'c', 3, NULL, NULL);
    INSERT INTO reviews VALUES (1, 1, 2, 4, 't', 'c', '2024-01-15 10:30:00.123456',
        '2024-01-15 10:30:00.123456');
    INSERT INTO cart VALUES (1, 1, 1, 2, '2024-01-15 10:30:00'), (2, 2, 1, 9, '2024-01-15 10:30:00'),
        (3, 1, 1, 3, '2024-01-15 10:30:00'), (4, 1, 2, 1, '2024-01-15 10:30:00'),
        (5, 1, 1, 1, '2024-01-15 10:30:00'))",
     ""}
};

TEST(Takeover, a_database_of_the_original_service_goes_on_being_used) {
    const db::Place place = fresh_file();
    {
        OnLoop loop;
        const std::unique_ptr<db::Database> database = db::open(place);
        loop.wait(database->migrate({original, "original"}));
    }
    Room room(place);

    const db::Rows cart = room.rows("SELECT id, quantity FROM cart ORDER BY id");
    ASSERT_EQ(cart.size(), 3U);
    EXPECT_EQ(db::integer(cart[0][0]), 1);
    EXPECT_EQ(db::integer(cart[0][1]), 6) << "three entries of one user for one product";
    EXPECT_EQ(db::integer(cart[1][1]), 9) << "another user's";
    EXPECT_EQ(db::integer(cart[2][1]), 1) << "another product's";
    EXPECT_NE(room.get("/api/cart", "bob@shop.example").body.find("Old Lamp"), std::string::npos);
    EXPECT_NE(room.get("/api/product/1").body.find(R"("created_at":"2024-01-15T10:30:00Z")"),
              std::string::npos);
    EXPECT_NE(room.get("/api/product?q=lamp").body.find("Old Lamp"), std::string::npos);
    EXPECT_EQ(room.get("/api/product/2").status, 200) << "with columns that were left empty";
    EXPECT_EQ(room.add(2, 1).status, 200);
    EXPECT_EQ(room.count("SELECT count(*) FROM users"), 2) << "Bob is known";
}

}  // namespace
}  // namespace souk::store
