"""What the driver asked flash for and what it was promised: the record every check is made against.

Nothing in here is read from the server's disk. An entry changes only when a request was sent or an answer came.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import defaultdict, deque
from dataclasses import dataclass, field

from support.raw_http import Answer

from .campaign import Promises

STARTED = time.monotonic()


def now() -> float:
    return time.monotonic() - STARTED


@dataclass
class Order:
    """One purchase intention: a key, however often it was sent."""

    key: str
    product: str
    user: str
    first_sent: float = 0.0
    known_by: float = 0.0  # When an answer first showed that the order was accepted.
    lost_in: int = (
        -1
    )  # The latest life of the process in which an attempt stayed without a final answer.
    order_id: str = ""
    successes: int = 0
    accepted: bool = False
    refused: bool = False
    cancelled: bool = False
    cancelled_by: float = 0.0  # When an answer, or its row, first showed that.
    cancel_lost: bool = False
    cancel_asked: bool = False
    confirmed: bool = False
    story: list[tuple[float, str]] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.story.append((now(), text))


@dataclass
class Init:
    """One /init as sent; `in_force` is None while nobody knows whether it happened."""

    product: str
    quantity: int
    sent: float
    answered: float = 0.0
    in_force: bool | None = None


class FlashLedger(Promises):
    def __init__(self, max_per_user: int = 0) -> None:
        super().__init__()
        self.max_per_user = max_per_user  # As set; 0: users are not limited.
        self.of_user: dict[tuple[str, str], list[Order]] = defaultdict(list)
        self.life = 0  # Which life of the process answers now; raised by every restart.
        self.orders: dict[str, Order] = {}
        self.inits: dict[str, list[Init]] = {}
        self.lost: dict[str, Order] = {}
        self.accepted: list[Order] = []
        self.since_check: list[Order] = []
        self.events: deque[tuple[float, str]] = deque(maxlen=40)
        self.answers: dict[str, int] = {}

    def event(self, text: str) -> None:
        with self.lock:
            self.events.append((now(), text))

    def fail(self, promise: str, order: Order | None = None, product: str = "") -> None:
        with self.lock:
            super().fail(self.tell(promise, order, product))

    def tell(self, promise: str, order: Order | None, product: str) -> str:
        """The promise and the last events of its order, its product and the process, in order of time."""
        lines = [promise]
        told: list[tuple[float, str]] = []
        if order is not None:
            product = product or order.product
            told += order.story[-20:]
            lines.append(f"key {order.key}, {product}, order {order.order_id or 'without id'}:")
        for init in self.inits.get(product, [])[-6:]:
            told.append((init.sent, f"/init {product} {init.quantity}: {describe(init)}"))
        told += [event for event in list(self.events)[-12:] if f"/init {product} " not in event[1]]
        lines += [f"  {at:10.4f} s  {text}" for at, text in sorted(told)]
        return "\n".join(lines)

    # Orders

    def order_sent(self, order: Order, by: str) -> float:
        with self.lock:
            at = now()
            if order.key not in self.orders:
                order.first_sent = at
                self.orders[order.key] = order
                self.of_user[order.product, order.user].append(order)
                self.since_check.append(order)
            order.note(f"{by} sends POST /order")
            return at

    def order_lost(self, order: Order, why: str) -> None:
        """No answer, or one that decides nothing: the order may or may not exist until its key is sent again."""
        with self.lock:
            order.note(f"no final answer: {why}")
            order.lost_in = self.life
            if not order.accepted:
                order.refused = False
                self.lost[order.key] = order

    def order_answered(self, order: Order, answer: Answer, sent: float) -> None:
        with self.lock:
            word = answer.word
            order.note(f"answered {answer.status} {word} {answer.order_id or ''}")
            self.count(f"order {answer.status} {word}")
            if answer.status == 200 and word in ("success", "ignored"):
                self._order_accepted(order, answer, word)
            elif answer.status == 409 and word == "sold_out":
                self._order_refused(order, sent, word)
            elif self.max_per_user and answer.status == 409 and word == "limit_reached":
                self._check_limit(order, sent)
                self._order_refused(order, sent, word)
            elif answer.status in (302, 500, 503):
                self.order_lost(order, f"status {answer.status}")
            else:
                self.fail(f"an order was answered {answer.status} {answer.body[:200]!r}", order)

    def _order_accepted(self, order: Order, answer: Answer, word: str) -> None:
        order_id = answer.order_id or ""
        if not order_id:
            self.fail(f"an answer {word} carries no X-Order-Id", order)
        if order.order_id and order.order_id != order_id:
            self.fail(f"one key got two order ids: {order.order_id} and {order_id}", order)
        if word == "success":
            order.successes += 1
            if order.successes > 1:
                self.fail("one key was answered success twice within its life", order)
        if not order.accepted:
            order.accepted, order.refused = True, False
            order.order_id, order.known_by = order_id, now()
            self.accepted.append(order)
            self.lost.pop(order.key, None)

    def _check_limit(self, order: Order, sent: float) -> None:
        """Whoever is refused must be able to hold as many as one may; in doubt an order is held."""
        held = sum(
            not other.refused and not (other.cancelled and other.cancelled_by < sent)
            for other in self.of_user[order.product, order.user]
            if other is not order
        )
        if held < self.max_per_user:
            self.fail(f"a user was refused with {held} orders at most", order)

    def _order_refused(self, order: Order, sent: float, word: str) -> None:
        if order.accepted:
            if order.known_by < sent:
                self.fail(f"a key that was already accepted was answered {word}", order)
            return
        # An attempt this process may still be working on can yet be accepted: only a later life
        # of the process settles it.
        if order.lost_in < self.life:
            order.refused = True
            self.lost.pop(order.key, None)

    # Cancels and questions

    def cancel_sent(self, order: Order, by: str) -> tuple[float, bool]:
        with self.lock:
            order.note(f"{by} sends POST /cancel")
            order.cancel_asked = True
            return now(), order.cancelled

    def cancel_lost(self, order: Order, why: str) -> None:
        with self.lock:
            order.note(f"cancel without a final answer: {why}")
            order.cancel_lost = True

    def cancel_answered(self, order: Order, answer: Answer, was_cancelled: bool) -> None:
        with self.lock:
            word = answer.word
            order.note(f"cancel answered {answer.status} {word}")
            self.count(f"cancel {answer.status} {word}")
            if answer.status == 200 and word == "cancelled":
                if order.cancelled:
                    self.fail("one order was cancelled twice: its unit came back twice", order)
                order.cancelled, order.cancelled_by = True, now()
            elif answer.status == 200 and word == "ignored":
                if not (order.cancelled or order.cancel_lost):
                    self.fail(
                        "a cancel was answered 'already cancelled' though nobody had cancelled it",
                        order,
                    )
                if not order.cancelled:
                    order.cancelled, order.cancelled_by = True, now()
            elif answer.status == 409 and word == "not_cancellable":
                if was_cancelled:
                    self.fail("a cancelled order was later answered 'already confirmed'", order)
                order.confirmed = True
            elif answer.status in (500, 503):
                self.cancel_lost(order, f"status {answer.status}")
            else:
                self.fail(f"a cancel was answered {answer.status} {answer.body[:200]!r}", order)

    def status_answered(self, order: Order, answer: Answer, was: tuple[bool, bool]) -> None:
        """`was` is (cancelled, confirmed) as known when the question was sent."""
        with self.lock:
            order.note(f"status answered {answer.status} {answer.body[:120]!r}")
            self.count(f"status {answer.status}")
            if answer.status in (500, 503):
                return
            if answer.status != 200 or answer.json().get("orderId") != order.order_id:
                self.fail(
                    f"/status of an accepted order was answered {answer.status} {answer.body!r}",
                    order,
                )
                return
            state = answer.json().get("state")
            if state not in ("pending", "confirmed", "cancelled"):
                self.fail(f"an accepted order is in state {state!r}", order)
            if was[0] and state != "cancelled":
                self.fail(f"a cancelled order is {state} again", order)
            if was[1] and state == "pending":
                self.fail("a confirmed order is pending again", order)
            if state == "cancelled" and not order.cancel_asked:
                self.fail("an order is cancelled though nobody asked for it", order)
            order.confirmed = order.confirmed or state == "confirmed"

    # Sales

    def init_sent(self, product: str, quantity: int) -> Init:
        with self.lock:
            init = Init(product, quantity, now())
            self.inits.setdefault(product, []).append(init)
            return init

    def init_answered(self, init: Init, answer: Answer | None) -> None:
        with self.lock:
            if answer is not None and answer.status == 200:
                init.answered, init.in_force = now(), True
            elif answer is not None and answer.status not in (500, 503):
                self.fail(
                    f"/init {init.product} {init.quantity} was answered {answer.status} {answer.body[:200]!r}"
                )
            self.count(f"init {answer.status if answer else 'lost'}")
            self.event(f"/init {init.product} {init.quantity}: {describe(init)}")

    def count(self, what: str) -> None:
        self.answers[what] = self.answers.get(what, 0) + 1


class SalesOf:
    """Tells which sales of one product an order can belong to. A product's inits are one after the other."""

    def __init__(self, inits: list[Init]) -> None:
        certain = [(init.answered, at) for at, init in enumerate(inits) if init.in_force]
        self.sent = [init.sent for init in inits]
        self.answered = [answered for answered, _ in certain]
        self.positions = [at for _, at in certain]

    def possible(self, order: Order) -> tuple[int, int]:
        """First and last position in `inits`: what was in force before the order, up to what came with it."""
        certain = bisect_right(self.answered, order.first_sent)
        first = self.positions[certain - 1] if certain else 0
        last = bisect_right(self.sent, order.known_by) - 1
        return first, max(last, 0)


def describe(init: Init) -> str:
    if init.in_force is None:
        return "not answered"
    return "in force" if init.in_force else "never happened"
