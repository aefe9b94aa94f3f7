-- A database of the original service may be here already: its tables are kept and brought into shape.
CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS products (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    price INTEGER NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    stock INTEGER NOT NULL CHECK (stock >= 0),
    image_url TEXT NOT NULL,
    owner_id INTEGER NOT NULL REFERENCES users (id)
);
CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    rating INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    created_at TEXT NOT NULL, -- ISO 8601, UTC
    updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS cart (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    product_id INTEGER NOT NULL REFERENCES products (id),
    quantity INTEGER NOT NULL,
    updated_at TEXT NOT NULL -- ISO 8601, UTC
);

-- Emails are compared lower-case and without spaces. Where that makes two users one, both stay as they
-- are.
UPDATE OR IGNORE users SET email = lower(trim(email));

-- Entries of one user for one product become one, with their sum, before there can be only one.
UPDATE cart SET quantity = min(1000000, (
        SELECT sum(twin.quantity) FROM cart AS twin
        WHERE twin.user_id = cart.user_id AND twin.product_id = cart.product_id))
    WHERE id IN (SELECT min(id) FROM cart GROUP BY user_id, product_id HAVING count(*) > 1);
DELETE FROM cart WHERE id NOT IN (SELECT min(id) FROM cart GROUP BY user_id, product_id);
DELETE FROM cart WHERE quantity <= 0;
CREATE UNIQUE INDEX cart_of_user_and_product ON cart (user_id, product_id);
CREATE INDEX IF NOT EXISTS cart_by_product ON cart (product_id);
CREATE INDEX IF NOT EXISTS reviews_by_product ON reviews (product_id);

-- Finds texts that may contain a search of three characters or more; the exact test follows.
CREATE VIRTUAL TABLE products_search USING fts5 (
    name, description, content = 'products', content_rowid = 'id', tokenize = 'trigram'
);
INSERT INTO products_search (products_search) VALUES ('rebuild');
CREATE TRIGGER products_search_insert AFTER INSERT ON products BEGIN
    INSERT INTO products_search (rowid, name, description) VALUES (new.id, new.name, new.description);
END;
CREATE TRIGGER products_search_delete AFTER DELETE ON products BEGIN
    INSERT INTO products_search (products_search, rowid, name, description)
        VALUES ('delete', old.id, old.name, old.description);
END;
CREATE TRIGGER products_search_update AFTER UPDATE OF name, description ON products BEGIN
    INSERT INTO products_search (products_search, rowid, name, description)
        VALUES ('delete', old.id, old.name, old.description);
    INSERT INTO products_search (rowid, name, description) VALUES (new.id, new.name, new.description);
END;

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    phone TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    total_amount INTEGER NOT NULL,
    item_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL, -- Unix milliseconds
    idempotency_key TEXT,
    digest TEXT NOT NULL, -- of what was sent with the key
    UNIQUE (user_id, idempotency_key)
);
CREATE TABLE order_items (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    product_id INTEGER NOT NULL REFERENCES products (id),
    name TEXT NOT NULL, -- name and price as they were
    price INTEGER NOT NULL,
    quantity INTEGER NOT NULL
);
CREATE INDEX order_items_of_order ON order_items (order_id);

CREATE TABLE contact_messages (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE, -- what the job that forwards it carries
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    subject TEXT,
    message TEXT NOT NULL,
    user_id INTEGER REFERENCES users (id),
    ip_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL, -- Unix milliseconds, as next_attempt_at
    delivery TEXT NOT NULL CHECK (delivery IN ('pending', 'sent', 'failed', 'disabled')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    last_error TEXT,
    mailed_at INTEGER, -- when the mail had left, though the webhook may still be missing
    called_at INTEGER -- when the webhook had taken it, though the mail may still be missing
);
CREATE INDEX contact_messages_by_delivery ON contact_messages (delivery);

-- The latest message of each digest, for the ten minutes in which it is taken for the same one.
CREATE TABLE contact_recent (
    digest TEXT PRIMARY KEY,
    message_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- Keys that are made once and shared by all processes on this database.
CREATE TABLE kept_secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
