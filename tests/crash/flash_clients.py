"""The load: client threads that buy, retry, cancel, ask and restock until the process dies under them."""

from __future__ import annotations

import random
import threading
import uuid

from support.flash_requests import init_request, order_request
from support.raw_http import Address, Answer, Connection, ConnectionLost, request_bytes

from .flash_ledger import FlashLedger, Init, Order

HOT_PRODUCTS = ["hot-a", "hot-b", "hot-c", "hot-d"]
DEEP_PRODUCT = "deep"  # Its stock never ends, so there are always accepted orders in flight.
DEEP_QUANTITY = 10_000_000
GREEDY_USERS = [f"greedy-{number}" for number in range(12)]


class Client:
    """One thread with two connections of its own. It ends at the first sign that the process is gone."""

    def __init__(self, name: str, address: Address, ledger: FlashLedger, dice: random.Random) -> None:
        self.name = name
        self.address = address
        self.ledger = ledger
        self.dice = dice
        self.mine: list[Order] = []
        self.thread = threading.Thread(target=self._run, name=name)
        self.stopping = False

    def start(self) -> None:
        self.thread.start()

    def join(self) -> None:
        self.stopping = True
        self.thread.join()

    def _run(self) -> None:
        try:
            with Connection(self.address) as self.first, Connection(self.address) as self.second:
                while not self.stopping and not self.ledger.broken_now.is_set():
                    self.step()
        except (ConnectionLost, OSError) as end:
            self.ledger.event(f"{self.name} lost its connection: {end}")
        except Exception as surprise:
            # A thread's exception would vanish; the ledger carries it to the driver.
            self.ledger.fail(f"{self.name} met {type(surprise).__name__}: {surprise}")

    def step(self) -> None:
        raise NotImplementedError

    def known_products(self) -> list[str]:
        return list(self.ledger.inits)

    def send_orders(self, connection: Connection, orders: list[Order]) -> None:
        """Sends the orders in one piece and reads all answers; what stays unanswered is written down as lost."""
        sent = [self.ledger.order_sent(order, self.name) for order in orders]
        done = 0
        try:
            connection.send(
                b"".join(order_request(order.product, order.key, order.user) for order in orders)
            )
            for order, at in zip(orders, sent, strict=True):
                answer = connection.read()
                done += 1
                self.ledger.order_answered(order, answer, at)
        except ConnectionLost as end:
            for order in orders[done:]:
                self.ledger.order_lost(order, str(end))
            raise

    def fresh_orders(self, count: int) -> list[Order]:
        product = self.pick_product()
        orders = []
        for _ in range(count):
            user = self.pick_user()
            key = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
            orders.append(Order(key, product, user))
        return orders

    def pick_user(self) -> str:
        """Where users are limited, a few who want too much, and so many others that the sales go on."""
        if self.ledger.max_per_user == 0:
            return f"user-{self.dice.randrange(1000)}"
        if self.dice.random() < 0.3:
            return self.dice.choice(GREEDY_USERS)
        return f"user-{self.dice.getrandbits(64):x}"

    def pick_product(self) -> str:
        if self.dice.random() < 0.35:
            return DEEP_PRODUCT
        return self.dice.choice(self.known_products())


class Shopper(Client):
    def step(self) -> None:
        chance = self.dice.random()
        if chance < 0.35:
            self.buy(self.dice.randint(1, 24))
        elif chance < 0.45:
            self.buy(1)
        elif chance < 0.50:
            self.buy_and_cancel()
        elif chance < 0.60:
            self.buy_twice_at_once()
        elif chance < 0.70:
            self.repeat_accepted()
        elif chance < 0.76:
            self.repeat_lost()
        elif chance < 0.80:
            self.vanish()
        elif chance < 0.90:
            self.cancel()
        else:
            self.ask_status()

    def buy(self, count: int) -> None:
        orders = self.fresh_orders(count)
        self.send_orders(self.first, orders)
        self.mine += [order for order in orders if order.accepted]

    def buy_twice_at_once(self) -> None:
        order = self.fresh_orders(1)[0]
        data = order_request(order.product, order.key, order.user)
        sent = [self.ledger.order_sent(order, self.name) for _ in range(2)]
        waiting = [self.first, self.second]
        try:
            self.first.send(data)
            self.second.send(data)
            for at in sent:
                answer = waiting[0].read()
                waiting.pop(0)
                self.ledger.order_answered(order, answer, at)
        except ConnectionLost as end:
            self.ledger.order_lost(order, str(end))
            raise
        if order.accepted:
            self.mine.append(order)

    def buy_and_cancel(self) -> None:
        """The cancel follows its order in one piece, so it mostly meets an order still pending."""
        order = self.fresh_orders(1)[0]
        sent = self.ledger.order_sent(order, self.name)
        self.ledger.cancel_sent(order, self.name)
        order_bytes = order_request(order.product, order.key, order.user)
        try:
            self.first.send(order_bytes + cancel_request(order.key))
            answer = self.first.read()
        except ConnectionLost as end:
            self.ledger.order_lost(order, str(end))
            self.ledger.cancel_lost(order, str(end))
            raise
        self.ledger.order_answered(order, answer, sent)
        self.read_cancel(self.first, order, was_cancelled=False)

    def repeat_accepted(self) -> None:
        with self.ledger.lock:
            accepted = self.ledger.accepted
            chosen = [self.dice.choice(accepted[-2000:]) for _ in range(min(len(accepted), 4))]
        if chosen:
            self.send_orders(self.second, chosen)

    def repeat_lost(self) -> None:
        with self.ledger.lock:
            chosen = list(self.ledger.lost.values())[:8]
        if chosen:
            self.send_orders(self.first, chosen)

    def vanish(self) -> None:
        """Sends an order and is gone before the answer. The key is sent again later, by whoever finds it."""
        order = self.fresh_orders(1)[0]
        self.ledger.order_sent(order, self.name)
        try:
            with Connection(self.address) as connection:
                connection.send(order_request(order.product, order.key, order.user))
                connection.vanish()
        finally:
            self.ledger.order_lost(order, "the client vanished")

    def cancel(self) -> None:
        """Only its own orders: so a client knows what was answered before it asks again."""
        if not self.mine:
            return
        order = self.dice.choice(self.mine[-50:])
        name = self.dice.choice([order.order_id, order.key])
        _, was_cancelled = self.ledger.cancel_sent(order, self.name)
        try:
            self.second.send(cancel_request(name))
        except ConnectionLost as end:
            self.ledger.cancel_lost(order, str(end))
            raise
        self.read_cancel(self.second, order, was_cancelled)

    def read_cancel(self, connection: Connection, order: Order, was_cancelled: bool) -> None:
        try:
            answer = connection.read()
        except ConnectionLost as end:
            self.ledger.cancel_lost(order, str(end))
            raise
        if order.accepted:
            self.ledger.cancel_answered(order, answer, was_cancelled)
        elif order.refused and answer.status not in (404, 500, 503):
            self.ledger.fail(f"the cancel of a refused order was answered {answer.status}", order)

    def ask_status(self) -> None:
        with self.ledger.lock:
            accepted = self.ledger.accepted
            if not accepted:
                return
            order = self.dice.choice(accepted[-500:])
            was = (order.cancelled, order.confirmed)
        name = self.dice.choice([order.order_id, order.key])
        self.ledger.status_answered(
            order, self.second.ask(request_bytes("GET", f"/status/{name}")), was
        )


class Seller(Client):
    """Restocks its own products in the middle of the traffic, and opens a new one now and then."""

    def __init__(self, *arguments, products: list[str]) -> None:  # type: ignore[no-untyped-def]
        super().__init__(*arguments)
        self.products = products

    def step(self) -> None:
        if self.dice.random() < 0.05:
            self.products.append(f"new-{self.dice.getrandbits(48):x}")
        product = self.products[-1] if self.dice.random() < 0.2 else self.dice.choice(self.products)
        put_in_force(self.first, self.ledger, product, self.dice)
        for _ in range(self.dice.randint(1, 6)):
            self.send_orders(self.second, self.fresh_orders(self.dice.randint(1, 16)))


def cancel_request(name: str) -> bytes:
    return request_bytes("POST", f"/cancel/{name}", body=b"")


def put_in_force(connection: Connection, ledger: FlashLedger, product: str, dice: random.Random) -> Init:
    """One /init. Neighbouring sales of a product differ in quantity: the stock tells them apart."""
    earlier = {init.quantity for init in ledger.inits.get(product, [])[-8:]}
    quantity = dice.choice([number for number in range(0, 400) if number not in earlier])
    return send_init(connection, ledger, product, quantity)


def send_init(connection: Connection, ledger: FlashLedger, product: str, quantity: int) -> Init:
    init = ledger.init_sent(product, quantity)
    answer: Answer | None = None
    try:
        answer = connection.ask(init_request(product, quantity))
    finally:
        ledger.init_answered(init, answer)
    return init
