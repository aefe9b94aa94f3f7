-- Orders that retention has moved out of the way of the sales: they still answer by id and by key.
CREATE TABLE orders_archive (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at TIMESTAMP,
    accepted_at BIGINT,
    updated_at BIGINT,
    state TEXT NOT NULL,
    epoch BIGINT,
    idempotency_key TEXT,
    key_hash BIGINT,
    key_bucket BIGINT
);

CREATE INDEX orders_archive_by_key ON orders_archive (key_bucket, key_hash);
