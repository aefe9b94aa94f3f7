"""Whether the database holds exactly what was promised in a soak run: nothing lost, nothing doubled, nothing oversold."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

HALF = 2**64

ROWS = "SELECT id, idempotency_key FROM orders WHERE product_id LIKE 'soak-%'"
BY_SALE = "SELECT product_id, epoch, count(*) FROM orders WHERE product_id LIKE 'soak-%' GROUP BY product_id, epoch"
STATES = "SELECT state, count(*) FROM orders WHERE product_id LIKE 'soak-%' AND state <> 'confirmed' GROUP BY state"
PRODUCTS = "SELECT id, stock, epoch FROM products WHERE id LIKE 'soak-%'"


class Books(NamedTuple):
    promised: int
    rows: int
    sales: int
    sold_out: int
    faults: list[str]


class UuidSum:
    """As bench/offer sums them: both halves of the number, each modulo 2^64."""

    def __init__(self) -> None:
        self.count = 0
        self.total = [0, 0]

    def add(self, uuid: str) -> None:
        number = int(uuid.replace("-", ""), 16)
        self.count += 1
        self.total[0] += number >> 64
        self.total[1] += number & (HALF - 1)

    def as_told(self) -> list:
        return [self.count, str(self.total[0] % HALF), str(self.total[1] % HALF)]


def compare_orders(database: sqlite3.Connection, result: dict) -> tuple[int, list[str]]:
    ids, keys = UuidSum(), UuidSum()
    for order_id, key in database.execute(ROWS):
        ids.add(order_id)
        keys.add(key)
    faults = []
    if ids.count != result["ids"][0]:
        faults.append(f"{result['ids'][0]:,} orders were promised, {ids.count:,} are stored")
    elif ids.as_told() != result["ids"]:
        faults.append("the ids stored are not those that were promised")
    elif keys.as_told() != result["keys"]:
        faults.append("the keys stored are not those of the orders promised")
    faults += [f"{count:,} orders are {state}" for state, count in database.execute(STATES)]
    return ids.count, faults


def compare_sales(database: sqlite3.Connection, result: dict, gate: dict[str, int]) -> list[str]:
    """The n-th /init of a product on a fresh database began its sale number n."""
    sold = {(product, epoch): count for product, epoch, count in database.execute(BY_SALE)}
    rows = {product: (stock, epoch) for product, stock, epoch in database.execute(PRODUCTS)}
    faults = []
    for product, sales in result["sales"].items():
        for epoch, (quantity, sold_out) in enumerate(sales, 1):
            units = sold.pop((product, epoch), 0)
            if units > quantity:
                faults.append(f"OVERSOLD: {product}, sale {epoch}: {units:,} of {quantity:,}")
            if sold_out and units != quantity:
                faults.append(f"{product}, sale {epoch} was told sold out with {units:,} of {quantity:,} sold")
        left = sales[-1][0] - units
        if not rows.get(product) == (left, len(sales)) or gate[product] != left:
            faults.append(f"{product}: {left:,} units are left, the row says {rows.get(product)}, the gate {gate[product]}")
    faults += [f"orders of an unknown sale {sale}" for sale in sold]
    return faults


def check(data: Path, result: dict, gate: dict[str, int]) -> Books:
    """After the program has stopped; `gate` is the stock it said at its end."""
    database = sqlite3.connect(f"file:{data / 'flash.db'}?mode=ro", uri=True)
    try:
        rows, faults = compare_orders(database, result)
        faults += compare_sales(database, result, gate)
    finally:
        database.close()
    undecided = result["unanswered"] + result["given_up"]
    if undecided:
        faults.append(f"{undecided:,} orders never got a final answer")
    if result["ignored_at_once"]:
        faults.append(f"{result['ignored_at_once']:,} fresh keys were answered ignored")
    all_sales = [sale for sales in result["sales"].values() for sale in sales]
    return Books(result["ids"][0], rows, len(all_sales), sum(sold_out for _, sold_out in all_sales), faults)
