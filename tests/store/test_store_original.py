# A database of the original service is taken over as it is (spec/store.md section 7): its tables are kept,
# and entries that stand twice in a cart become one with their sum.
import contextlib
import sqlite3

import pytest

from support.store import Shop
from support.store_storage import LibsqlStore, SqliteStore

ORIGINAL = """
CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100), email VARCHAR(100));
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE INDEX ix_users_name ON users (name);
CREATE TABLE products (
    id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100), price INTEGER, description VARCHAR, category VARCHAR(50),
    stock INTEGER, image_url VARCHAR(255), owner_id INTEGER, FOREIGN KEY(owner_id) REFERENCES users (id));
CREATE INDEX ix_products_name ON products (name);
CREATE TABLE reviews (
    id INTEGER NOT NULL PRIMARY KEY, product_id INTEGER, user_id INTEGER, rating INTEGER, title VARCHAR(200),
    content TEXT, created_at DATETIME, updated_at DATETIME);
CREATE TABLE cart (
    id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER, product_id INTEGER, quantity INTEGER, updated_at DATETIME);
CREATE INDEX ix_cart_user_id ON cart (user_id);
INSERT INTO users VALUES (1, 'Ada', 'ada@example.com'), (2, 'Bob', 'Bob@Example.com');
INSERT INTO products VALUES (5, 'Walnut desk', 29900, 'Solid.', 'Furniture', 3, 'https://ik.example/d.png', 1),
                            (9, 'Lamp', 1250, 'Bright.', 'Light', 10, 'https://ik.example/l.png', 2);
INSERT INTO reviews VALUES (4, 5, 2, 5, 'Great', 'Would buy again.', '2024-01-15 10:30:00.123456',
                            '2024-01-15 10:30:00.123456');
INSERT INTO cart VALUES (1, 1, 5, 2, '2024-01-15 10:30:00.000000'), (2, 1, 5, 3, '2024-01-15 10:31:00.000000'),
                        (3, 1, 9, 1, '2024-01-15 10:32:00.000000'), (4, 2, 5, 7, '2024-01-15 10:33:00.000000');
"""


@pytest.fixture(params=[SqliteStore, LibsqlStore])
def original(request, start_embedded_store):
    storage = request.param()
    storage.file.parent.mkdir(exist_ok=True)
    with contextlib.closing(sqlite3.connect(storage.file)) as database:
        database.executescript(ORIGINAL)
    yield start_embedded_store(storage=storage)
    storage.discard()


def test_products_and_reviews_are_shown(original: Shop):
    assert [(product["id"], product["name"]) for product in original.products()] == [(5, "Walnut desk"), (9, "Lamp")]
    assert [product["id"] for product in original.products(q="WALNUT")] == [5]
    detail = original.detail(5)
    assert detail["product"]["owner_id"] == 1
    review, = detail["reviews"]
    assert (review["id"], review["user_id"], review["title"]) == (4, 2, "Great")
    assert review["created_at"] == review["updated_at"] == "2024-01-15T10:30:00Z"


def test_entries_that_stood_twice_are_one_with_their_sum(original: Shop):
    ada = original.caller("ada@example.com")
    assert original.cart(ada) == {5: 5, 9: 1}
    assert original.add(ada, 5, 1)["quantity"] == 6
    assert original.souk.storage.one("SELECT count(*) FROM cart WHERE user_id = 1 AND product_id = 5") == 1


def test_users_are_found_whatever_the_case_of_their_email(original: Shop):
    assert original.cart(original.caller("bob@example.com")) == {5: 7}
    assert original.product(original.caller("BOB@EXAMPLE.COM"))["owner_id"] == 2


def test_what_is_new_gets_ids_behind_the_old_ones(original: Shop):
    assert original.product()["id"] > 9
    assert original.review(original.caller(), 5)["id"] > 4


def test_another_start_changes_nothing(original: Shop):
    before = original.get("/api/product").text
    original.souk.restart()
    assert original.get("/api/product").text == before
    assert original.cart(original.caller("ada@example.com")) == {5: 5, 9: 1}
