"""What is in flash's tables, read from outside the program through the storage of the test suite."""

from __future__ import annotations

from typing import NamedTuple

ORDERS = "SELECT id, product_id, user_id, state, epoch, idempotency_key FROM orders"
PRODUCTS = "SELECT id, stock, epoch FROM products"
ORDER_COUNT = "SELECT count(*) FROM orders"
CANCELLED_COUNT = "SELECT count(*) FROM orders WHERE state = 'cancelled'"
DEAD_LETTER_COUNT = "SELECT count(*) FROM dead_letters"


class OrderRow(NamedTuple):
    id: str
    product: str
    user: str
    state: str
    epoch: int
    key: str


class ProductRow(NamedTuple):
    id: str
    stock: int
    epoch: int


class Counts(NamedTuple):
    orders: int
    cancelled: int


class FlashRows:
    def __init__(self, storage) -> None:
        self.storage = storage

    def orders(self) -> list[OrderRow]:
        # PostgreSQL may give an id as a UUID object; here it is text on both.
        return [OrderRow(str(row[0]), *row[1:]) for row in self.storage.query(ORDERS)]

    def counts(self) -> Counts:
        return Counts(self.storage.one(ORDER_COUNT), self.storage.one(CANCELLED_COUNT))

    def products(self) -> dict[str, ProductRow]:
        return {row[0]: ProductRow(*row) for row in self.storage.query(PRODUCTS)}

    def dead_letter_count(self) -> int:
        return int(self.storage.one(DEAD_LETTER_COUNT))
