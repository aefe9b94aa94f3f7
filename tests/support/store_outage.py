# What a store says while its database is away, and what must be there once it is back.
from support.store import expect_error, product_body, review_body

PROMPT = 5.0  # seconds for any answer


def fill(shop):
    who = shop.caller()
    product = shop.product(who, name="Survivor")
    review = shop.review(who, product["id"])
    shop.add(who, product["id"], 3)
    message = shop.contacted()
    return who, product, review, message


def expect_all_there(shop, who, product, review, message):
    assert shop.products(q="Survivor") == [product]
    assert shop.detail(product["id"])["reviews"][0]["id"] == review["id"]
    assert shop.cart(who) == {product["id"]: 3}
    storage = shop.souk.storage
    assert storage.one("SELECT count(*) FROM contact_messages WHERE id = ?", message["id"]) == 1
    assert storage.users(who.email) == 1
    again = shop.product(who)
    assert again["owner_id"] == product["owner_id"] and again["id"] > product["id"]


def failures(shop, who):
    """(code, answer) of every endpoint that needs the database."""
    yield "SERVER_FETCH_ERROR", shop.get("/api/product")
    yield "SERVER_FETCH_ERROR", shop.get("/api/product?q=x")
    yield "SERVER_FETCH_ERROR", shop.get("/api/product/1")
    yield "SERVER_FETCH_ERROR", shop.get("/api/cart", who)
    yield "DB_CREATE_ERROR", shop.post("/api/product", product_body(), who)
    yield "SERVER_ADD_CART_ERROR", shop.post("/api/cart", {"product_id": 1, "quantity": 1}, who)
    yield "REVIEW_PROCESSING_ERROR", shop.post("/api/review", review_body(1), who)
    yield "CONTACT_PROCESSING_ERROR", shop.contact()
    yield "CHECKOUT_ERROR", shop.checkout(who)


INTERNAL = ("postgres", "connection", "socket", "127.0.0.1", "sql", "refused", "libpq", "curl", "http:")


def expect_failures(shop, who):
    for code, answer in failures(shop, who):
        message = expect_error(answer, 500, code)
        assert not [word for word in INTERNAL if word in message.lower()], message
        assert answer.elapsed.total_seconds() < PROMPT
    return True


def expect_unhealthy(shop):
    answer = shop.get("/health")
    assert answer.status_code == 503, answer.text
    body = answer.json()
    assert body["status"] != "ok" and body["database"]["ok"] is False
    return True
