# store's OpenAPI description, on the operations listener alone: valid, complete, and true of live answers.
import uuid

import pytest

from support.description import Description
from support.store import MISSING, checkout_body, contact_body, expect_error, product_body, review_body, some_address

OTHERS = {"default"}  # what any request may meet: overload, broken HTTP
BODY = {"413", "415", "422"} | OTHERS
SIGNED_IN = {"401", "503"}
EMAIL = SIGNED_IN | {"400", "422"}  # no email in the token, or one that is too long
CONTRACT = {
    ("get", "/"): {"200"} | OTHERS,
    ("get", "/health"): {"200", "503"} | OTHERS,
    ("get", "/api/cdn-auth"): {"200", "500"} | SIGNED_IN | OTHERS,
    ("get", "/api/product"): {"200", "422", "500"} | OTHERS,
    ("post", "/api/product"): {"201", "500"} | EMAIL | BODY,
    ("get", "/api/product/{}"): {"200", "404", "422", "500"} | OTHERS,
    ("get", "/api/cart"): {"200", "500"} | EMAIL | OTHERS,
    ("post", "/api/cart"): {"200", "404", "500"} | EMAIL | BODY,
    ("post", "/api/review"): {"200", "404", "500"} | EMAIL | BODY,
    ("post", "/api/contact"): {"201", "429", "500"} | BODY,
    ("post", "/api/checkout"): {"200", "404", "409", "500"} | EMAIL | BODY,
}


@pytest.fixture
def described(store):
    return Description.of(store.souk, "store")


def test_the_description_is_valid_openapi_3_1(described):
    described.expect_valid()


def test_the_routes_of_the_contract_are_described_with_their_answers_and_no_others(described):
    assert {route: set(operation["responses"]) for route, operation in described.operations.items()} == CONTRACT


def test_the_bodies_are_described_with_their_bounds(described):
    bounds = {
        "/api/product": {"name", "price", "description", "category", "stock", "image_url"},
        "/api/cart": {"product_id", "quantity"},
        "/api/review": {"product_id", "title", "rating", "content"},
        "/api/contact": {"name", "email", "message"},
        "/api/checkout": {"name", "address", "phone", "payment_method"},
    }
    for path, required in bounds.items():
        body = described.resolved(described.operations["post", path]["requestBody"])
        schema = described.resolved(body["content"]["application/json"]["schema"])
        assert required <= set(schema["properties"]), path
        assert set(schema["required"]) == required, path


def test_who_must_sign_in_is_described(described):
    for (method, path), operation in described.operations.items():
        statuses = CONTRACT[method, path]
        security = operation.get("security", [{}])  # an empty one among them: a token is optional
        assert ({} not in security) == ("401" in statuses), (method, path)


def calls(store):
    """(method, described path, answer) for every route, and for every outcome easily reached."""
    who, nameless = store.caller(), store.caller(email=None)
    made = store.post("/api/product", product_body(stock=1), who)
    product = made.json()["data"]["id"]
    yield "get", "/", store.get("/")
    yield "get", "/health", store.get("/health")
    yield "get", "/api/cdn-auth", store.get("/api/cdn-auth", who)
    yield "get", "/api/cdn-auth", store.get("/api/cdn-auth")
    yield "get", "/api/product", store.get("/api/product")
    yield "get", "/api/product", store.get("/api/product?limit=0")
    yield "post", "/api/product", made
    for answer in (store.post("/api/product", product_body(price=0), who), store.post("/api/product", {}),
                   store.post("/api/product", {}, nameless)):
        yield "post", "/api/product", answer
    yield "post", "/api/review", store.post("/api/review", review_body(product), who)
    yield "post", "/api/review", store.post("/api/review", review_body(999999999), who)
    yield "post", "/api/review", store.post("/api/review", review_body(product, rating=6), who)
    for identity in (product, 999999999, "x"):
        yield "get", "/api/product/{}", store.get(f"/api/product/{identity}")
    yield "get", "/api/cart", store.get("/api/cart", store.caller())
    for body in ({"product_id": product, "quantity": 1}, {"product_id": product, "quantity": -2}, {},
                 {"product_id": 999999999, "quantity": 1}, {"product_id": "x", "quantity": 1},
                 {"product_id": product, "quantity": 2}):
        yield "post", "/api/cart", store.post("/api/cart", body, who)
    yield "get", "/api/cart", store.get("/api/cart", who)
    yield "get", "/api/cart", store.get("/api/cart", nameless)
    for body in (checkout_body(), checkout_body(name=MISSING)):
        yield "post", "/api/checkout", store.post("/api/checkout", body, who)
    yield "post", "/api/checkout", store.checkout(store.caller())
    store.add(who, product, -1)
    key = str(uuid.uuid4())
    yield "post", "/api/checkout", store.checkout(who, key)
    yield "post", "/api/checkout", store.checkout(who, key, name="Somebody else")
    address = some_address()
    for number in range(6):
        yield "post", "/api/contact", store.contact(address=address)
    yield "post", "/api/contact", store.contact(contact_body(email="x"))


def test_live_answers_are_as_described_and_every_route_is_tried(described, store):
    tried = set()
    for method, path, answer in calls(store):
        described.covers(method, path, answer)
        tried.add((method, path))
    assert tried == set(described.operations)


def test_the_service_itself_does_not_show_it(store):
    for path in ("/openapi.json", "/openapi/store.json", "/docs", "/redoc"):
        expect_error(store.get(path), 404, "NOT_FOUND")
