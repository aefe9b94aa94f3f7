# `souk serve store`, a client of its contract, and the contract's exact answers.
import random
import re
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx

from support.command import run
from support.eventually import eventually
from support.ports import free_port
from support.souk import PROGRAM_NAMES, Souk

FRONTEND = "http://localhost:3000"
JSON_TYPE = "application/json"  # as the contract writes it
CREATED = "Product created successfully."
LISTED = "Successfully retrieved product list."
CART = "Cart retrieved successfully."
NO_CART = "Cart is empty."
ADDED = "Item added to cart successfully."
REVIEWED = "Successfully added new review."
RECEIVED = "Message received."
ORDERED = "Order placed successfully."

UTC_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Store(Souk):
    """One running `souk serve store`. Settings are the contract's names in lower case: redis_url=…"""

    service = "store"

    def ports(self):
        return {"STORE_PORT": str(self.api_port)}

    @staticmethod
    def name_of(keyword):
        name = keyword.upper()
        return "SOUK_" + name if name in PROGRAM_NAMES else name

    def launch(self, wait_for="ready", seconds=30):
        super().launch(wait_for, seconds)
        if wait_for == "alive":
            eventually(self.listens, seconds, "the service listens")
        return self

    def listens(self):
        try:
            return self.http.get(self.api + "/").status_code == 200
        except httpx.TransportError:
            return False

    def command(self, *arguments, **others):
        """`souk ARGUMENTS` with this program's settings."""
        return run(*arguments, cwd=self.owned, env=self.environment(), **others)


class Both(Store):
    """`souk serve` without a name: every service there is."""

    service = ""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.flash_port = free_port()

    def ports(self):
        return super().ports() | {
            "FLASH_PORT": str(self.flash_port), "FLASH_WAITING_ROOM_PORT": str(self.waiting_room_port)}


NOBODY_ELSES = object()


class Caller:
    """Somebody who is signed in, with an email address nobody else has unless one is given; None: without."""

    def __init__(self, issuer, email=NOBODY_ELSES, **claims):
        self.email = f"user-{uuid.uuid4().hex}@example.com" if email is NOBODY_ELSES else email
        self.token = issuer.token(self.email, **claims)

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token}"}


class Shop:
    """A client of the contract. `who` is a Caller, or None for nobody."""

    def __init__(self, souk, issuer):
        self.souk = souk
        self.http = souk.http
        self.issuer = issuer

    def caller(self, email=NOBODY_ELSES, **claims):
        return Caller(self.issuer, email, **claims)

    def ask(self, method, path, who=None, **options):
        headers = (who.headers if who else {}) | options.pop("headers", {})
        return self.http.request(method, self.souk.api + path, headers=headers, **options)

    def get(self, path, who=None, **options):
        return self.ask("GET", path, who, **options)

    def post(self, path, body, who=None, **options):
        return self.ask("POST", path, who, json=body, **options)

    def post_bytes(self, path, content, who=None, media_type="application/json", **options):
        headers = ({"Content-Type": media_type} if media_type else {}) | options.pop("headers", {})
        return self.ask("POST", path, who, content=content, headers=headers, **options)

    # What must succeed

    def product(self, who=None, **fields):
        """A new product; gives it as the contract shows it."""
        answer = self.post("/api/product", product_body(**fields), who or self.caller())
        return data_of(answer, 201, CREATED)

    def products(self, **query):
        return data_of(self.get("/api/product", params=query), 200, LISTED)

    def detail(self, product):
        return data_of(self.get(f"/api/product/{product}"), 200, f"Product {product} retrieved successfully.")

    def add(self, who, product, quantity=1, **fields):
        """A change of the cart; gives the entry."""
        body = {"cart_id": None, "product_id": product, "quantity": quantity} | fields
        return data_of(self.post("/api/cart", body, who), 200, ADDED)

    def cart(self, who):
        """Product id to quantity."""
        answer = self.get("/api/cart", who)
        return {item["product_id"]: item["quantity"] for item in data_of(answer, 200)}

    def review(self, who, product, **fields):
        return data_of(self.post("/api/review", review_body(product, **fields), who), 200, REVIEWED)

    def contact(self, body=None, address=None, who=None, **fields):
        """A contact message, from a client address of its own unless one is given."""
        headers = {"X-Forwarded-For": address or some_address()}
        return self.post("/api/contact", contact_body(**fields) if body is None else body, who, headers=headers)

    def contacted(self, **options):
        return data_of(self.contact(**options), 201, RECEIVED)

    def checkout(self, who, key=None, **fields):
        headers = {"Idempotency-Key": key} if key else {}
        return self.post("/api/checkout", checkout_body(**fields), who, headers=headers)


def product_body(**fields):
    """A good product; a field given as MISSING is left out."""
    return without_missing({
        "name": f"Product {uuid.uuid4().hex}", "price": 2999, "description": "As good as new.",
        "category": "Electronics", "stock": 50, "image_url": "https://ik.example/p.png",
    } | fields)


def review_body(product, **fields):
    return without_missing({
        "product_id": product, "title": "Great quality!", "rating": 5, "content": "Highly recommended!",
    } | fields)


def contact_body(**fields):
    mark = uuid.uuid4().hex
    return without_missing({
        "name": "Grace Hopper", "email": f"grace-{mark}@example.com", "subject": "A question",
        "message": f"Do you ship to the moon? {mark}",
    } | fields)


def checkout_body(**fields):
    return without_missing({
        "name": "Grace Hopper", "address": "1 Cobol Street\nArlington", "phone": "+1 555 0100",
        "payment_method": "cash",
    } | fields)


MISSING = object()


def without_missing(body):
    return {name: value for name, value in body.items() if value is not MISSING}


def some_address():
    """A client address for X-Forwarded-For, which counts since the tests come from loopback."""
    return ".".join(str(random.SystemRandom().randrange(1, 255)) for _ in range(4))


# Answers

def expect_success(answer, status, message=None):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == JSON_TYPE
    body = answer.json()
    assert list(body) == ["success", "message", "data"], answer.text
    assert body["success"] is True
    if message is not None:
        assert body["message"] == message
    return body


def data_of(answer, status=200, message=None):
    return expect_success(answer, status, message)["data"]


def expect_error(answer, status, code):
    """The error envelope, exactly; gives its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == JSON_TYPE
    body = answer.json()
    assert list(body) == ["success", "message", "error_code"], answer.text
    assert (body["success"], body["error_code"]) == (False, code), answer.text
    assert body["message"] and isinstance(body["message"], str)
    assert ("www-authenticate" in answer.headers) == (status == 401), answer.headers
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"
    return body["message"]


def expect_invalid(answer, field):
    """422 whose message begins with the name of the first bad field."""
    message = expect_error(answer, 422, "VALIDATION_ERROR")
    assert message.startswith(f"{field}: "), message
    return message


def at_once(attempts, workers=64):
    """Calls all the functions at the same instant, each on a thread of its own; gives their results."""
    assert len(attempts) <= workers
    gate = threading.Barrier(len(attempts))

    def go(attempt):
        gate.wait()
        return attempt()

    with ThreadPoolExecutor(len(attempts)) as threads:
        return list(threads.map(go, attempts))
