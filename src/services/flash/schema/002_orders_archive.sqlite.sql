-- Orders that retention has moved out of the way of the sales: they still answer by id and by key.
CREATE TABLE orders_archive (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at TIMESTAMP,
    accepted_at INTEGER,
    updated_at INTEGER,
    state TEXT NOT NULL,
    epoch INTEGER,
    idempotency_key TEXT,
    key_hash INTEGER,
    key_bucket INTEGER
) WITHOUT ROWID;

CREATE INDEX orders_archive_by_key ON orders_archive (key_bucket, key_hash);
