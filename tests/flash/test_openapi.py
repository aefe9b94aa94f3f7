# The OpenAPI description: valid, complete, and true of live answers.
import re

import pytest

from support.description import METHODS, Description
from support.flash import FlashClient, new_key

CONTRACT = {
    ("post", "/init"): {"200", "400", "500"},
    ("post", "/order"): {"200", "302", "400", "409", "500"},
    ("get", "/status/{}"): {"200", "400", "404"},
    ("get", "/inventory/{}"): {"200", "404"},
    ("post", "/cancel/{}"): {"200", "404", "409"},
    ("get", "/capacity"): {"200"},
    ("get", "/health"): {"200", "503"},
    ("get", "/metrics"): {"200"},
    ("get", "/"): {"200"},  # the waiting room
}


@pytest.fixture(scope="module")
def described(souk):
    return Description.of(souk, "flash")


def test_the_description_is_valid_openapi_3_1(described):
    described.expect_valid()


def test_every_route_of_the_contract_is_described_with_its_answers(described):
    for route, statuses in CONTRACT.items():
        assert route in described.operations, f"{route} is not described"
        missing = statuses - set(described.operations[route]["responses"])
        assert not missing, f"{route} lacks {missing}"


def test_every_path_parameter_is_described_as_required(described):
    for path, item in described.document["paths"].items():
        for method, operation in item.items():
            if method not in METHODS:
                continue
            listed = [described.resolved(p) for p in
                      operation.get("parameters", []) + item.get("parameters", [])]
            in_path = {p["name"] for p in listed if p["in"] == "path" and p["required"]}
            assert in_path == set(re.findall(r"\{([^}]*)\}", path)), f"{method} {path}"


def test_the_key_header_and_the_bodies_are_described(described):
    order = described.operations["post", "/order"]
    headers = {described.resolved(p)["name"].lower() for p in order["parameters"]}
    assert "x-idempotency-key" in headers
    for path, fields in (("/order", {"productId", "userId"}), ("/init", {"productId", "quantity"})):
        body = described.resolved(described.operations["post", path]["requestBody"])
        schema = described.resolved(body["content"]["application/json"]["schema"])
        assert fields <= set(schema["properties"]) and fields <= set(schema["required"])


def calls(flash, product):
    """(method, described path, answer) for every route, and for every outcome easily reached."""
    key = new_key()
    yield "post", "/init", flash.init(product, 2)
    yield "post", "/init", flash.init(product, -1)
    yield "post", "/init", flash.post("/init", content="{", headers={"content-type": "application/json"})
    yield "post", "/init", flash.post("/init", content="x", headers={"content-type": "text/plain"})
    accepted = flash.order(product, key)
    order = accepted.headers["x-order-id"]
    yield "post", "/order", accepted
    yield "post", "/order", flash.order(product, key)
    yield "post", "/order", flash.order(product + "-unknown")
    yield "post", "/order", flash.post("/order", json={})
    yield "post", "/order", flash.post("/order", content="x", headers={"content-type": "text/plain"})
    flash.confirmed(order)
    yield "get", "/status/{}", flash.status(order)
    yield "get", "/status/{}", flash.status("unknown")
    yield "get", "/status/{}", flash.status("x" * 256)
    yield "get", "/inventory/{}", flash.get(f"/inventory/{product}")
    yield "get", "/inventory/{}", flash.get(f"/inventory/{product}-unknown")
    yield "post", "/cancel/{}", flash.cancel("unknown")
    yield "post", "/cancel/{}", flash.cancel("x" * 256)
    yield "post", "/cancel/{}", flash.cancel(order)
    yield "get", "/capacity", flash.get("/capacity")
    yield "get", "/health", flash.get("/health")
    yield "get", "/metrics", flash.get("/metrics")
    yield "get", "/events", flash.get("/events")
    yield "get", "/", flash.http.get(flash.souk.waiting_room + "/")


def test_live_answers_are_as_described_and_every_route_is_tried(described, flash, product):
    tried = set()
    for method, path, answer in calls(flash, product):
        described.covers(method, path, answer)
        tried.add((method, path))
    assert tried == set(described.operations)


def test_a_redirect_is_as_described(described, start_embedded):
    flash = FlashClient(start_embedded(rate_limit_rps=1))
    seen = set()
    while 302 not in seen:
        answer = flash.order("nothing")
        described.covers("post", "/order", answer)
        seen.add(answer.status_code)
