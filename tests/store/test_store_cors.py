# FRONTEND_URL: which pages may read the answers (spec/store.md section 8). The shared program allows
# http://localhost:3000 and https://shop.example (set with a slash at its end).
import pytest

from support.store import FRONTEND, expect_error, product_body

SHOP = "https://shop.example"
METHODS = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
FOREIGN = ["https://evil.example", "https://shop.example/", "https://shop.example.evil.example", "http://shop.example",
           "https://shop.example:8443", "null", "*", "https://SHOP.example", "http://localhost:3001",
           "http://localhost:30000", f"{FRONTEND}, {SHOP}"]


def preflight(store, path, origin, method="POST", headers="authorization,content-type"):
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers is not None:
        asked["Access-Control-Request-Headers"] = headers
    return store.ask("OPTIONS", path, headers=asked)


def listed(answer, name):
    return [word.strip().lower() for word in answer.headers[name].split(",")]


def expect_readable(answer, origin):
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "origin" in listed(answer, "vary")


@pytest.mark.parametrize("origin", [FRONTEND, SHOP])
@pytest.mark.parametrize("path, method", [
    ("/api/product", "GET"), ("/api/product", "POST"), ("/api/product/1", "GET"), ("/api/cart", "POST"),
    ("/api/review", "POST"), ("/api/contact", "POST"), ("/api/cdn-auth", "GET"), ("/", "GET"), ("/api/nothing", "PUT"),
    ("/api/cart", "DELETE"), ("/api/cart", "PATCH"), ("/api/cart", "HEAD"), ("/api/cart", "OPTIONS"),
])
def test_a_preflight_of_an_allowed_origin_is_granted(store, origin, path, method):
    answer = preflight(store, path, origin, method)
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["content-type"].startswith("text/plain")
    expect_readable(answer, origin)
    assert answer.headers["access-control-allow-methods"] == METHODS
    assert answer.headers["access-control-max-age"] == "600"
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"


@pytest.mark.parametrize("headers", ["X-Anything", "authorization, X-Other,content-type", "a"])
def test_whatever_headers_are_asked_for_are_mirrored(store, headers):
    answer = preflight(store, "/api/cart", FRONTEND, headers=headers)
    assert (answer.status_code, answer.headers["access-control-allow-headers"]) == (200, headers)


def test_a_preflight_that_asks_for_no_headers_is_granted(store):
    answer = preflight(store, "/api/cart", FRONTEND, headers=None)
    assert (answer.status_code, answer.text) == (200, "OK")
    expect_readable(answer, FRONTEND)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_preflight_of_another_origin_is_refused(store, origin):
    answer = preflight(store, "/api/cart", origin)
    assert answer.status_code == 400
    assert answer.text.startswith("Disallowed CORS")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "get", "PURGE", "GET, POST", ""])
def test_a_preflight_for_an_unknown_method_is_refused(store, method):
    answer = preflight(store, "/api/cart", FRONTEND, method)
    assert answer.status_code == 400 and answer.text.startswith("Disallowed CORS")


def answers(store, headers):
    """(status, answer) of requests that end in every kind of way."""
    who = store.caller()
    product = store.product(who)["id"]
    yield 200, store.get("/", headers=headers)
    yield 200, store.get("/api/product", headers=headers)
    yield 200, store.get(f"/api/product/{product}", headers=headers)
    yield 200, store.get("/api/cart", who, headers=headers)
    yield 201, store.post("/api/product", product_body(), who, headers=headers)
    yield 307, store.get("/api/product/", headers=headers)
    yield 400, store.get("/api/cart", store.caller(email=None), headers=headers)
    yield 401, store.get("/api/cart", headers=headers)
    yield 401, store.get("/api/cart", headers=headers | {"Authorization": "Bearer x"})
    yield 404, store.get("/api/nothing", headers=headers)
    yield 404, store.get("/api/product/999999999", headers=headers)
    yield 405, store.ask("DELETE", "/api/product", headers=headers)
    yield 413, store.post_bytes("/api/contact", b" " * 20_000, headers=headers)
    yield 415, store.post_bytes("/api/cart", b"x", who, "text/plain", headers=headers)
    yield 422, store.get("/api/product?limit=0", headers=headers)
    yield 422, store.post("/api/review", {}, who, headers=headers)


@pytest.mark.parametrize("origin", [FRONTEND, SHOP])
def test_every_answer_to_an_allowed_origin_is_readable(store, origin):
    for status, answer in answers(store, {"Origin": origin}):
        assert answer.status_code == status, answer.text
        expect_readable(answer, origin)


@pytest.mark.parametrize("origin", FOREIGN[:4])
def test_another_origin_is_served_and_cannot_read(store, origin):
    for status, answer in answers(store, {"Origin": origin}):
        assert answer.status_code == status, answer.text
        assert "access-control-allow-origin" not in answer.headers


def test_without_an_origin_there_are_no_cors_headers(store):
    for status, answer in answers(store, {}):
        assert answer.status_code == status, answer.text
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_options_without_the_marks_of_a_preflight_is_a_wrong_method(store):
    expect_error(store.ask("OPTIONS", "/api/cart", headers={"Origin": FRONTEND}), 405, "METHOD_NOT_ALLOWED")
    expect_error(store.ask("OPTIONS", "/api/cart"), 405, "METHOD_NOT_ALLOWED")


def test_without_the_setting_the_local_front_end_is_allowed(start_embedded_store):
    shop = start_embedded_store()
    expect_readable(preflight(shop, "/api/cart", FRONTEND), FRONTEND)
    assert preflight(shop, "/api/cart", SHOP).status_code == 400
    expect_readable(shop.get("/", headers={"Origin": FRONTEND}), FRONTEND)


def test_a_failure_is_readable_as_well(start_embedded_store):
    # Without a key uploads cannot be signed: a 500 that every front end should be able to show.
    shop = start_embedded_store()
    answer = shop.get("/api/cdn-auth", shop.caller(), headers={"Origin": FRONTEND})
    expect_error(answer, 500, "CDN_AUTH_ERROR")
    expect_readable(answer, FRONTEND)
