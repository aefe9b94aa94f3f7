# What holds for every route: paths, methods, envelopes, sizes, media types, and the order of the checks
# (spec/store.md sections 2.1 to 2.4, DECISION S2).
import re

import pytest

from support.store import JSON_TYPE, contact_body, expect_error, product_body, review_body

MEBIBYTE = 1 << 20
WRITES = ["/api/product", "/api/cart", "/api/review"]
BODIES = {"/api/product": product_body(), "/api/cart": {"product_id": 1, "quantity": 1},
          "/api/review": review_body(1), "/api/contact": contact_body()}


def test_the_root_says_ok_and_whole_seconds(store):
    answer = store.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == JSON_TYPE
    assert re.fullmatch(r'\{"status":"ok","uptime_seconds":\d+\}', answer.text)


def test_health_tells_of_database_and_cache(store):
    answer = store.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "ok" and isinstance(body["uptime_seconds"], int)
    assert set(body["database"]) == {"ok", "error"} and body["database"]["ok"] is True
    assert set(body["cache"]) == {"ok", "error", "hits", "misses", "total", "hit_rate_pct"}


@pytest.mark.parametrize("path", [
    "/docs", "/redoc", "/openapi.json", "/api", "/api/nothing", "/api/product/1/reviews", "/metrics", "/API/product",
    "/api/users", "/.well-known/jwks.json", "/api//product",
    "//evil.example/", "//api/product", "/api/product//1", "/api/product/1/2", "/%2e%2e/api/product",
])
def test_unknown_paths_and_the_documentation_pages_are_not_there(store, path):
    expect_error(store.get(path), 404, "NOT_FOUND")
    expect_error(store.post(path, {}), 404, "NOT_FOUND")


@pytest.mark.parametrize("method, path, allowed", [
    ("POST", "/", {"GET"}),
    ("DELETE", "/api/product", {"GET", "POST"}),
    ("PUT", "/api/product", {"GET", "POST"}),
    ("DELETE", "/api/product/1", {"GET"}),
    ("POST", "/api/product/1", {"GET"}),
    ("PATCH", "/api/cart", {"GET", "POST"}),
    ("GET", "/api/review", {"POST"}),
    ("GET", "/api/contact", {"POST"}),
    ("POST", "/api/cdn-auth", {"GET"}),
])
def test_a_wrong_method_is_named_together_with_the_right_ones(store, method, path, allowed):
    answer = store.ask(method, path)
    expect_error(answer, 405, "METHOD_NOT_ALLOWED")
    listed = {word.strip() for word in answer.headers["allow"].split(",")}
    assert allowed <= listed <= allowed | {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("method, path", [
    ("GET", "/api/product/"), ("POST", "/api/product/"), ("GET", "/api/product/7/"), ("GET", "/api/cart/"),
    ("POST", "/api/cart/"), ("POST", "/api/review/"), ("GET", "/api/cdn-auth/"), ("POST", "/api/contact/"),
])
def test_a_trailing_slash_is_redirected_to_the_form_without_it(store, method, path):
    answer = store.ask(method, path + "?q=a%20b&page=2")
    assert answer.status_code == 307
    location = answer.headers["location"].removeprefix(store.souk.api)
    assert location == path.rstrip("/") + "?q=a%20b&page=2"


@pytest.mark.parametrize("path, status", [
    ("/", 200), ("/health", 200), ("/api/product", 200), ("/api/product/{}", 200), ("/api/product/999999999", 404),
    ("/api/product/x", 422), ("/api/cart", 401), ("/api/cdn-auth", 401), ("/api/review", 405), ("/api/nothing", 404),
])
def test_head_is_answered_as_get_without_a_body(store, path, status):
    path = path.format(store.product()["id"])
    head, get = store.ask("HEAD", path), store.get(path)
    assert (head.status_code, head.content) == (status, b"") and get.status_code == status
    # The uptime may have one more digit, and the date one more second.
    differing = {"date"} | ({"content-length"} if path in ("/", "/health") else set())
    told = [{name: value for name, value in answer.headers.items() if name not in differing} for answer in (head, get)]
    assert told[0] == told[1] and int(head.headers["content-length"]) > 0


@pytest.mark.parametrize("path", BODIES)
def test_a_body_that_is_too_long_is_refused_before_anything_is_asked_of_the_caller(store, path):
    expect_error(store.post_bytes(path, b" " * (MEBIBYTE + 1)), 413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("path", WRITES)
def test_a_body_of_one_mebibyte_is_read(store, path):
    answer = store.post_bytes(path, b" " * (MEBIBYTE - 2) + b"[]", store.caller())
    expect_error(answer, 422, "VALIDATION_ERROR")


def test_a_contact_message_has_at_most_16_kibibytes(store):
    for size, status, code in ((16 << 10, 422, "VALIDATION_ERROR"), ((16 << 10) + 1, 413, "PAYLOAD_TOO_LARGE")):
        answer = store.post_bytes("/api/contact", b" " * (size - 2) + b"[]")
        expect_error(answer, status, code)


@pytest.mark.parametrize("media_type", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json",
    "application/jsonp", "*/*",
])
@pytest.mark.parametrize("path", BODIES)
def test_a_body_that_is_not_json_by_its_type_is_refused_before_the_caller_is_asked(store, path, media_type):
    expect_error(store.post_bytes(path, b"{}", media_type=media_type), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("media_type", [
    None, "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/json;charset=UTF-8",
])
def test_json_and_no_type_at_all_are_taken_for_json(store, media_type):
    answer = store.post_bytes("/api/review", b"{}", store.caller(), media_type)
    expect_error(answer, 422, "VALIDATION_ERROR")


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"null", b"5", b'"text"', b"{'a': 1}", b'{"a": 1,}', b'{"name": "\xff"}', b"\xef\xbb\xbf",
    b'{"name": "\\ud800"}', b"NaN", b"{}{}",
])
@pytest.mark.parametrize("path", BODIES)
def test_what_is_no_json_object_is_invalid(store, path, content):
    expect_error(store.post_bytes(path, content, store.caller()), 422, "VALIDATION_ERROR")


def test_deeply_nested_json_is_refused_and_harms_nobody(store):
    answer = store.post_bytes("/api/review", b'{"title":' + b"[" * 100_000, store.caller())
    expect_error(answer, 422, "VALIDATION_ERROR")
    assert store.get("/").status_code == 200


# The order of the checks: the earlier one answers, whatever else is wrong.

@pytest.mark.parametrize("content", [b"{", b"{}", b'{"product_id": 999999999, "quantity": 0}'])
@pytest.mark.parametrize("path", WRITES)
def test_nobody_learns_anything_before_signing_in(store, path, content):
    expect_error(store.post_bytes(path, content), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("claim", [{}, {"email": ""}, {"email": "  "}, {"email": 5}, {"email": ["a@example.com"]}])
@pytest.mark.parametrize("path", WRITES)
def test_a_token_without_an_email_is_told_so_before_its_body_is_looked_at(store, path, claim):
    nameless = store.caller(**({"email": None} | claim))
    for content in (b"{", b'{"product_id": 999999999, "quantity": 0}'):
        expect_error(store.post_bytes(path, content, nameless), 400, "MISSING_EMAIL")


def test_the_cart_is_not_read_without_an_email(store):
    expect_error(store.get("/api/cart", store.caller(email=None)), 400, "MISSING_EMAIL")


@pytest.mark.parametrize("path", WRITES)
def test_an_email_longer_than_100_is_invalid(store, path):
    long = store.caller("a" * 89 + "@example.com")
    expect_error(store.post(path, BODIES[path], long), 422, "VALIDATION_ERROR")


def test_the_body_is_checked_before_the_product_is_looked_for(store):
    who = store.caller()
    expect_error(store.post("/api/review", review_body(999999999, rating=6), who), 422, "VALIDATION_ERROR")
    expect_error(store.post("/api/review", review_body(999999999), who), 404, "PRODUCT_NOT_FOUND")
    expect_error(store.post("/api/cart", {"product_id": 999999999, "quantity": "x"}, who), 400, "INVALID_QUANTITY")
    expect_error(store.post("/api/cart", {"product_id": 999999999, "quantity": 0}, who), 404, "PRODUCT_NOT_FOUND")


def test_refused_writes_leave_no_user_behind(store, rows):
    who = store.caller()
    store.post("/api/product", product_body(price=0), who)
    store.post("/api/review", review_body(999999999), who)
    store.post("/api/cart", {"product_id": 999999999, "quantity": 1}, who)
    store.post("/api/cart", {"product_id": store.product()["id"], "quantity": 0}, who)
    store.get("/api/cart", who)
    assert rows.users(who.email) == 0


def test_unknown_members_of_a_body_have_no_effect(store):
    who, other = store.caller(), store.product()
    made = store.product(who, owner_id=other["owner_id"], id=12345678, user_id=1)
    assert made["owner_id"] != other["owner_id"] and made["id"] != 12345678
    review = store.review(who, made["id"], user_id=other["owner_id"], id=12345678)
    shown = store.detail(made["id"])["reviews"]
    assert [(row["id"], row["user_id"]) for row in shown] == [(review["id"], made["owner_id"])]


def test_a_server_header_or_internal_words_are_never_shown(store):
    for answer in (store.get("/"), store.get("/api/nothing"), store.post("/api/product", {})):
        assert "server" not in answer.headers
