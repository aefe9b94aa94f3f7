"""Fills a database with stored orders, so that what is measured is a shop that has been open for a while.

The rows are copies of one order that was really placed, with identities of their own; columns not named here are
copied as they are.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from harness import http
from harness.plan import Bench
from harness.processes import BenchError, Souk

PRODUCT = "stored-orders"
ROWS_PER_TRANSACTION = 250_000
ORDERS_PER_BUCKET_BITS = 16
DAY_MS = 86_400_000

# What differs from row to row, from the row number n (1 is the oldest of :count) and the template t. Ids rise with n
# and are older than any the program makes; buckets end right before the template's.
IDENTITIES = {
    "id": "printf('0180%04x-%04x-7000-8000-%012x', n >> 32, (n >> 16) & 65535, n)",
    "user_id": "printf('user-%012d', n)",
    "idempotency_key": "printf('%08x-0000-4000-9000-%012d', n, n)",
    "key_hash": "random()",
    "key_bucket": f"t.key_bucket - 1 - ((:count - n) >> {ORDERS_PER_BUCKET_BITS})",
}


def copy_rows(file: Path, count: int, days_old: int) -> None:
    database = sqlite3.connect(file)
    try:
        # The one moment at which losing power would lose nothing of value.
        database.execute("PRAGMA synchronous = OFF")
        columns = [row[1] for row in database.execute("PRAGMA table_info(orders)")]
        if "id" not in columns:
            raise BenchError(f"{file} has no table orders with a column id")
        changed = IDENTITIES | {name: f"t.{name} - {days_old * DAY_MS}" for name in ("accepted_at", "updated_at")}
        values = ", ".join(changed.get(name, f"t.{name}") for name in columns)
        insert = (f"INSERT INTO orders ({', '.join(columns)}) WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL "
                  f"SELECT n + 1 FROM numbers WHERE n < :last) SELECT {values} FROM numbers "
                  f"CROSS JOIN (SELECT * FROM orders WHERE id = :template) AS t")
        template = database.execute("SELECT max(id) FROM orders WHERE product_id = ?", (PRODUCT,)).fetchone()[0]
        if template is None:
            raise BenchError("the order placed as a template is not in the database")
        for first in range(1, count + 1, ROWS_PER_TRANSACTION):
            last = min(first + ROWS_PER_TRANSACTION - 1, count)
            with database:
                database.execute(insert, {"first": first, "last": last, "count": count, "template": template})
        with database:
            # Every stored order has taken a unit, or the invariant checker would find a difference.
            database.execute("UPDATE products SET stock = stock - ? WHERE id = ?", (count, PRODUCT))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


def preload(bench: Bench, data: Path, count: int, days_old: int = 0) -> None:
    with Souk(bench.souk, data, core=None) as souk:
        souk.init(PRODUCT, count + 1)
        if http.status_of(http.raw_order(souk.port, PRODUCT)) != 200:
            raise BenchError("the order meant as a template was refused")
        souk.wait_drained()
    copy_rows(data / "flash.db", count, days_old)
    # What the disk still owes would be paid during the measurement.
    os.sync()
