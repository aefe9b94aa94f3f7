"""The load on store: each client writes for a user of its own and notes what it was answered, or that it was not."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field

import httpx

from support.store import Caller, checkout_body, contact_body, product_body, review_body, some_address

from .campaign import Promises

STOCK = 40  # Of each product: small, so that checkouts meet its end.
SHARED_MAX = 6  # Products at a time that all clients buy.
PAGE = 100  # Products of one page of the list.


@dataclass
class StoreLedger(Promises):
    """What was promised. A key is what names a thing from outside: a text that only one request ever sent."""

    products: dict[str, int] = field(default_factory=dict)  # Name to id, as answered.
    reviews: dict[str, int] = field(default_factory=dict)  # Title to id.
    contacts: dict[str, int] = field(default_factory=dict)  # Email to id.
    orders: dict[str, dict] = field(default_factory=dict)  # Idempotency key to the answer.
    doubtful: dict[str, set[str]] = field(default_factory=lambda: {
        "products": set(), "reviews": set(), "contacts": set(), "orders": set()})
    shared: list[int] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    outage: threading.Event = field(default_factory=threading.Event)  # Set while the campaign keeps the database away.

    @property
    def promises(self) -> int:
        return len(self.products) + len(self.reviews) + len(self.contacts) + len(self.orders)

    def promised(self, kind: str, key: str, what) -> None:
        with self.lock:
            getattr(self, kind)[key] = what
            self.doubtful[kind].discard(key)
            self.answered[kind] += 1

    def count(self, what: str) -> None:
        with self.lock:
            self.answered[what] += 1


class Shopkeeper:
    """One user. `cart` is what must be in the cart, `cart_doubt` a change of it that was not answered."""

    def __init__(self, shop, ledger: StoreLedger, dice: random.Random, number: int) -> None:
        self.shop = shop
        self.ledger = ledger
        self.dice = dice
        self.name = f"client-{number}"
        self.who = Caller(shop.issuer, name=self.name)
        self.cart: dict[int, int] = {}
        self.cart_doubt: tuple[int, int] | None = None
        self.order_doubt: str | None = None
        self.order_asked: dict[str, dict[int, int]] = {}  # Key to the cart it was sent for.
        self.has_written = False
        self.http = None

    def work(self, stop: threading.Event) -> None:
        try:
            with httpx.Client(timeout=20, trust_env=False, base_url=self.shop.souk.api) as self.http:
                while not stop.is_set() and not self.ledger.broken_now.is_set() and not self.is_in_doubt:
                    self.step()
        except httpx.TransportError:
            pass  # The process is gone; what is in doubt was noted before it was sent.
        except Exception as surprise:
            # A thread's exception would vanish; the ledger carries it to the driver.
            self.ledger.fail(f"{self.name} met {type(surprise).__name__}: {surprise}")

    @property
    def is_in_doubt(self) -> bool:
        return self.cart_doubt is not None or self.order_doubt is not None

    def step(self) -> None:
        chance = self.dice.random()
        if chance < 0.15 or not self.ledger.shared:
            self.create_product()
        elif chance < 0.20:
            self.read_a_page()
        elif chance < 0.30:
            self.review()
        elif chance < 0.42:
            self.contact()
        elif chance < 0.85:
            self.change_cart()
        else:
            self.check_out()

    def send(self, path: str, body, headers=None):
        headers = self.who.headers | (headers or {})
        return self.http.post(path, json=body, headers=headers)

    def is_outage(self, answer) -> bool:
        """A failure of a database that the campaign has killed; any other is for `expect` to complain about."""
        if answer.status_code not in (500, 503) or not self.ledger.outage.is_set():
            return False
        self.ledger.count("failures")
        return True

    def read_a_page(self) -> None:
        """Fills the cache, so that a restart finds pages that may be too old."""
        pages = len(self.ledger.products) // PAGE + 1
        answer = self.http.get("/api/product", params={"page": self.dice.randint(1, pages), "limit": PAGE})
        if not self.is_outage(answer):
            self.expect(answer, 200)
            self.ledger.count("lists")

    def create_product(self) -> None:
        name = f"product-{uuid.UUID(int=self.dice.getrandbits(128))}"
        self.doubt("products", name)
        answer = self.send("/api/product", product_body(name=name, stock=STOCK))
        if self.is_outage(answer):
            return
        self.expect(answer, 201)
        self.has_written = True
        product = answer.json()["data"]["id"]
        self.ledger.promised("products", name, product)
        with self.ledger.lock:
            self.ledger.shared = [*self.ledger.shared[-SHARED_MAX + 1:], product]

    def review(self) -> None:
        title = f"review-{uuid.UUID(int=self.dice.getrandbits(128))}"
        self.doubt("reviews", title)
        answer = self.send("/api/review", review_body(self.product(), title=title))
        if not self.is_outage(answer):
            self.expect(answer, 200)
            self.has_written = True
            self.ledger.promised("reviews", title, answer.json()["data"]["id"])

    def contact(self) -> None:
        body = contact_body(email=f"c-{uuid.UUID(int=self.dice.getrandbits(128))}@example.com")
        self.doubt("contacts", body["email"])
        answer = self.send("/api/contact", body, {"X-Forwarded-For": some_address()})
        if not self.is_outage(answer):
            self.expect(answer, 201)
            self.ledger.promised("contacts", body["email"], answer.json()["data"]["id"])

    def change_cart(self) -> None:
        product, by = self.product(), self.dice.choice([1, 1, 2, 3, -1])
        self.cart_doubt = (product, by)
        answer = self.send("/api/cart", {"product_id": product, "quantity": by})
        if self.is_outage(answer):
            return  # The commit may have been lost on its way back: the check settles it.
        self.expect(answer, 200)
        self.ledger.count("carts")
        self.cart_doubt = None
        self.has_written = True
        now = answer.json()["data"]["quantity"]
        if now != max(self.cart.get(product, 0) + by, 0):
            self.ledger.fail(f"{self.name} had {self.cart.get(product, 0)} of {product}, changed it by {by}, got {now}")
        self.put(product, now)

    def check_out(self) -> None:
        key = str(uuid.UUID(int=self.dice.getrandbits(128)))
        self.order_doubt, self.order_asked[key] = key, dict(self.cart)
        self.doubt("orders", key)
        answer = self.send("/api/checkout", checkout_body(), {"Idempotency-Key": key})
        if self.is_outage(answer):
            return
        if answer.status_code in (400, 404):
            self.refused(key, answer.json()["error_code"])
            return
        self.expect(answer, 200)
        self.ordered(key, answer.json()["data"])

    def refused(self, key: str, code: str) -> None:
        empty = not self.order_asked[key]
        wanted = {"EMPTY_CART", "USER_NOT_FOUND"} if empty else {"INSUFFICIENT_STOCK"}
        if code not in wanted:
            self.ledger.fail(f"{self.name}'s checkout of {self.order_asked[key]} was refused with {code}")
        with self.ledger.lock:
            self.ledger.doubtful["orders"].discard(key)
        self.order_doubt = None
        if not empty:
            self.empty_cart()

    def empty_cart(self) -> None:
        """What cannot be bought is put back, so that the next order has a chance."""
        for product, quantity in list(self.cart.items()):
            self.cart_doubt = (product, -quantity)
            answer = self.send("/api/cart", {"product_id": product, "quantity": -quantity})
            if self.is_outage(answer):
                return
            self.expect(answer, 200)
            self.cart_doubt = None
            self.put(product, 0)

    def ordered(self, key: str, order: dict) -> None:
        self.ledger.promised("orders", key, order)
        self.order_doubt = None
        self.cart = {}

    def put(self, product: int, quantity: int) -> None:
        self.cart.pop(product, None)
        if quantity > 0:
            self.cart[product] = quantity

    def product(self) -> int:
        return self.dice.choice(self.ledger.shared)

    def doubt(self, kind: str, key: str) -> None:
        with self.ledger.lock:
            self.ledger.doubtful[kind].add(key)

    def expect(self, answer, status: int) -> None:
        if answer.status_code != status:
            raise AssertionError(f"{answer.request.url.path} was answered {answer.status_code} {answer.text}")
