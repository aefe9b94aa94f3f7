"""The promises, one function each, checked at rest after a restart against the driver's own record."""

from __future__ import annotations

import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

from support.flash_requests import order_request
from support.raw_http import Address, Connection, request_bytes

from .flash_clients import DEEP_PRODUCT, GREEDY_USERS
from .flash_ledger import FlashLedger, Init, Order, SalesOf, describe, now
from .flash_rows import FlashRows, OrderRow, ProductRow

DEADLINE_SECONDS = 30.0
OLD_KEYS_REPEATED = 200
Thing = TypeVar("Thing")


class FlashAtRest:
    """All clients are gone, the process has restarted: now every promise made so far must be visible."""

    def __init__(self, ledger: FlashLedger, address: Address, rows: FlashRows, dice: random.Random) -> None:
        self.ledger = ledger
        self.address = address
        self.rows = rows
        self.dice = dice

    def check(self) -> None:
        with Connection(self.address, DEADLINE_SECONDS) as connection:
            self.settle_lost_orders(connection)
            self.repeat_accepted_keys(connection)
            self.ledger.raise_if_broken()
            self.wait_for_the_worker()
            rows = self.rows.orders()
            self.check_each_order(rows)
            self.check_no_strangers(rows)
            sold = self.check_each_sale(rows)
            self.check_stock(connection, sold)
            if self.ledger.max_per_user:
                self.check_users(rows)
                self.ledger.raise_if_broken()
                self.check_places(connection, rows)
        self.check_dead_letters()
        self.ledger.raise_if_broken()
        self.ledger.since_check.clear()

    def settle_lost_orders(self, connection: Connection) -> None:
        """A lost answer is settled by sending the same key again, exactly as the contract tells its clients."""
        give_up_at = time.monotonic() + DEADLINE_SECONDS
        while self.ledger.lost and time.monotonic() < give_up_at:
            for group in groups_of(50, list(self.ledger.lost.values())):
                self.send_again(connection, group)
        for order in list(self.ledger.lost.values())[:1]:
            self.ledger.fail("a lost order could not be settled by sending its key again", order)

    def repeat_accepted_keys(self, connection: Connection) -> None:
        """Keys survive the crash: each is `ignored` with the order id it had. The ledger compares."""
        fresh = [order for order in self.ledger.since_check if order.accepted]
        older = self.ledger.accepted[: -len(fresh) or None]
        sample = fresh + self.dice.sample(older, min(len(older), OLD_KEYS_REPEATED))
        for group in groups_of(50, sample):
            self.send_again(connection, group)

    def send_again(self, connection: Connection, orders: Sequence[Order]) -> None:
        sent = [self.ledger.order_sent(order, "the driver") for order in orders]
        connection.send(
            b"".join(order_request(order.product, order.key, order.user) for order in orders)
        )
        for order, at in zip(orders, sent, strict=True):
            self.ledger.order_answered(order, connection.read(), at)

    def wait_for_the_worker(self) -> None:
        orders = len(self.ledger.accepted)
        cancelled = sum(order.cancelled for order in self.ledger.accepted)
        poll(
            self.rows.counts,
            lambda counts: counts.orders >= orders and counts.cancelled >= cancelled,
        )

    # The rows

    def check_each_order(self, rows: list[OrderRow]) -> None:
        by_id = {row.id: row for row in rows}
        for order in self.ledger.accepted:
            row = by_id.get(order.order_id)
            if row is None:
                self.ledger.fail("an accepted order is not in `orders`", order)
                continue
            if (row.product, row.user, row.key) != (order.product, order.user, order.key):
                self.ledger.fail(f"the row of an order holds something else: {row}", order)
            if order.successes == 0 and order.lost_in < 0:
                self.ledger.fail(
                    "a key is answered ignored though no answer was success and none was lost",
                    order,
                )
            self.check_state(order, row)
            if self.ledger.broken:
                return

    def check_state(self, order: Order, row: OrderRow) -> None:
        if order.cancel_lost and not order.cancelled:
            order.cancelled = (
                row.state == "cancelled"
            )  # The disk decides what nobody was told, and stays with it.
            order.cancelled_by = now()
            order.cancel_lost = False
        wanted = "cancelled" if order.cancelled else "confirmed"
        if row.state != wanted:
            self.ledger.fail(f"an order that must be {wanted} at rest is {row.state}", order)

    def check_no_strangers(self, rows: list[OrderRow]) -> None:
        for what, counted in (
            ("id", Counter(row.id for row in rows)),
            ("key", Counter(row.key for row in rows)),
        ):
            value, times = max(counted.items(), key=lambda item: item[1], default=("", 0))
            if times > 1:
                self.ledger.fail(
                    f"{what} {value} is in `orders` {times} times", self.ledger.orders.get(value)
                )
        for row in rows:
            order = self.ledger.orders.get(row.key)
            if order is None:
                self.ledger.fail(f"`orders` has a row that nobody ordered: {row}")
            elif not order.accepted:
                self.ledger.fail(f"an order that was never accepted is in `orders`: {row}", order)

    # The sales

    def check_each_sale(self, rows: list[OrderRow]) -> dict[tuple[str, int], tuple[int, int, int]]:
        """Per sale (product, epoch): units sold, and the range of inits that can have opened it."""
        grouped: dict[tuple[str, int], list[OrderRow]] = defaultdict(list)
        for row in rows:
            grouped[row.product, row.epoch].append(row)
        sales = {}
        for (product, epoch), members in grouped.items():
            inits = self.ledger.inits.get(product, [])
            possible = SalesOf(inits).possible
            orders = [
                self.ledger.orders[row.key] for row in members if row.key in self.ledger.orders
            ]
            ranges = [possible(order) for order in orders]
            first = max((low for low, _ in ranges), default=0)
            last = min((high for _, high in ranges), default=len(inits) - 1)
            if first > last:
                self.ledger.fail(
                    f"orders of two different sales of {product} carry the same epoch {epoch}",
                    product=product,
                )
                continue
            units = sum(row.state != "cancelled" for row in members)
            most = max(init.quantity for init in inits[first : last + 1])
            if units > most:
                latest = max(members, key=lambda row: row.id)
                self.ledger.fail(
                    f"OVERSOLD: {product} epoch {epoch} sold {units} of {most}",
                    self.ledger.orders.get(latest.key),
                )
            sales[product, epoch] = (units, first, last)
        return sales

    def check_stock(
        self, connection: Connection, sales: dict[tuple[str, int], tuple[int, int, int]]
    ) -> None:
        """Initial stock = stock at the gate + orders that hold a unit; and the product row agrees with the gate."""
        names = list(self.ledger.inits)
        gate = dict(zip(names, self.gate_stock(connection, names), strict=True))
        known = {name: stock for name, stock in gate.items() if stock is not None}
        products = poll(self.rows.products, lambda rows: disagreeing(known, rows) is None)
        product = disagreeing(known, products)
        if product is not None:
            self.ledger.fail(
                f"{product}: the gate has {known[product]}, the product row is {products.get(product)}",
                product=product,
            )
            return
        for name in names:
            row = products.get(name)
            units, first, last = sales.get(
                (name, row.epoch if row else -1), (0, 0, len(self.ledger.inits[name]) - 1)
            )
            self.check_one_stock(name, gate[name], units, (first, last))

    def check_one_stock(
        self, product: str, stock: int | None, units: int, sale: tuple[int, int]
    ) -> None:
        inits = self.ledger.inits[product]
        newest = max((at for at, init in enumerate(inits) if init.in_force), default=None)
        if stock is None:
            if newest is not None:
                self.ledger.fail(
                    f"/init {product} {inits[newest].quantity} was answered, yet the product is unknown",
                    product=product,
                )
            for init in inits:
                init.in_force = False
            return
        allowed = [at for at in range(newest or 0, len(inits)) if inits[at].in_force is not False]
        matching = [
            at for at in allowed if sale[0] <= at <= sale[1] and inits[at].quantity == stock + units
        ]
        if not matching:
            candidates = ", ".join(
                f"{inits[at].quantity} ({describe(inits[at])})" for at in allowed
            )
            self.ledger.fail(
                f"{product}: stock {stock} + sold {units} = {stock + units}, but it was set to {candidates}",
                product=product,
            )
            return
        settle_inits(inits, matching[-1])

    # The users

    def check_users(self, rows: list[OrderRow]) -> None:
        for (product, epoch, user), held in held_units(rows).items():
            if held > self.ledger.max_per_user:
                self.ledger.fail(
                    f"{user} has {held} units of {product}, epoch {epoch}", product=product
                )

    def check_places(self, connection: Connection, rows: list[OrderRow]) -> None:
        """What the gate knows of a few users of the sale that never ends: each gets what is left for him."""
        held = held_units(rows)
        epoch = next((row.epoch for row in rows if row.product == DEEP_PRODUCT), 1)
        for user in self.dice.sample(GREEDY_USERS, 3):
            left = self.ledger.max_per_user - held[DEEP_PRODUCT, epoch, user]
            fresh = [Order(self.fresh_key(), DEEP_PRODUCT, user) for _ in range(left + 1)]
            for order in fresh:
                self.send_again(connection, [order])
            got = sum(order.accepted for order in fresh)
            if got != left:
                self.ledger.fail(f"{user} had room for {left} more and got {got}", fresh[-1])

    def fresh_key(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def gate_stock(self, connection: Connection, names: list[str]) -> list[int | None]:
        stocks: list[int | None] = []
        for group in groups_of(50, names):
            connection.send(b"".join(request_bytes("GET", f"/inventory/{name}") for name in group))
            for name in group:
                answer = connection.read()
                if answer.status not in (200, 404):
                    self.ledger.fail(
                        f"/inventory/{name} was answered {answer.status} {answer.body!r}"
                    )
                stocks.append(int(answer.json()["stock"]) if answer.status == 200 else None)
        return stocks

    def check_dead_letters(self) -> None:
        count = self.rows.dead_letter_count()
        if count:
            self.ledger.fail(f"{count} records of ours ended as dead letters")


def held_units(rows: list[OrderRow]) -> Counter[tuple[str, int, str]]:
    return Counter((row.product, row.epoch, row.user) for row in rows if row.state != "cancelled")


def settle_inits(inits: list[Init], in_force: int) -> None:
    """The sale now known to be in force; unanswered ones after it never happened. Earlier ones may have."""
    if inits[in_force].in_force is None:
        inits[in_force].in_force, inits[in_force].answered = True, now()
    for init in inits[in_force + 1 :]:
        init.in_force = False


def disagreeing(gate: dict[str, int], products: dict[str, ProductRow]) -> str | None:
    """The first product whose row does not (yet) say what the gate says."""
    for name, stock in gate.items():
        if name not in products or products[name].stock != stock:
            return name
    return None


def poll(read: Callable[[], Thing], is_enough: Callable[[Thing], bool]) -> Thing:
    """Reads until it is enough or the deadline passes; the caller judges what was read last."""
    give_up_at = time.monotonic() + DEADLINE_SECONDS
    pause = 0.005
    while True:
        value = read()
        if is_enough(value) or time.monotonic() > give_up_at:
            return value
        time.sleep(pause)  # Between two looks only: what is waited for is the condition.
        pause = min(pause * 1.5, 0.1)


def groups_of(size: int, things: Sequence[Thing]) -> list[Sequence[Thing]]:
    return [things[at : at + size] for at in range(0, len(things), size)]
