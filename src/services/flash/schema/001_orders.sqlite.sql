CREATE TABLE products (
    id TEXT PRIMARY KEY,
    stock INTEGER NOT NULL,
    epoch INTEGER NOT NULL
) WITHOUT ROWID;

-- The primary key grows at its end (UUID version 7), so the table is kept in that order.
CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    accepted_at INTEGER,
    updated_at INTEGER,
    state TEXT NOT NULL DEFAULT 'confirmed',
    epoch INTEGER,
    idempotency_key TEXT,
    key_hash INTEGER,
    key_bucket INTEGER
) WITHOUT ROWID;

-- Keys are random. The bucket in front, one number for 65,536 orders, keeps the index growing at its
-- end; a search tries every bucket, newest first.
CREATE INDEX orders_by_key ON orders (key_bucket, key_hash);

CREATE TABLE worker_position (
    log TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE dead_letters (
    log TEXT NOT NULL,
    position INTEGER NOT NULL,
    record TEXT NOT NULL,
    reason TEXT NOT NULL,
    order_id TEXT,
    idempotency_key TEXT,
    product_id TEXT,
    user_id TEXT,
    accepted_at INTEGER,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (log, position)
) WITHOUT ROWID;

CREATE INDEX dead_letters_by_order ON dead_letters (order_id);
CREATE INDEX dead_letters_by_key ON dead_letters (idempotency_key);

-- The order log that serves this database, from its start to its orderly end. Orders that are not in
-- `orders` yet are in that log and nowhere else, so no other may sell meanwhile.
CREATE TABLE serving (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    log TEXT NOT NULL
);
