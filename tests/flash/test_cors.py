# CORS_ORIGINS: which pages of other origins may call the API.
import pytest

from support.flash import SUCCESS, FlashClient, expect, new_key
from support.souk import Souk

SHOP, LOCAL = "https://shop.example", "http://localhost:5173"


@pytest.fixture(scope="module")
def shop():
    program = Souk.start(rate_limit_rps=0, cors_origins=f"{SHOP}, {LOCAL}")
    yield FlashClient(program)
    program.close()
    program.discard()


def preflight(flash, path, origin, method="POST", headers="content-type,x-idempotency-key"):
    return flash.http.options(flash.souk.api + path, headers={
        "Origin": origin, "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers})


def cors_headers(answer):
    return [name for name in answer.headers if name.lower().startswith("access-control-")]


def listed(answer, name):
    return [word.strip().lower() for word in answer.headers[name].split(",")]


@pytest.mark.parametrize("origin", [SHOP, LOCAL])
@pytest.mark.parametrize("path, method", [
    ("/order", "POST"), ("/init", "POST"), ("/cancel/x", "POST"), ("/status/x", "GET"),
])
def test_a_preflight_of_an_allowed_origin_is_granted(shop, origin, path, method):
    answer = preflight(shop, path, origin, method)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert method.lower() in listed(answer, "access-control-allow-methods")
    assert {"content-type", "x-idempotency-key"} <= set(listed(answer, "access-control-allow-headers"))
    assert "origin" in listed(answer, "vary")


@pytest.mark.parametrize("origin", [SHOP, LOCAL])
def test_answers_to_an_allowed_origin_are_readable_with_the_order_id(shop, product, origin):
    shop.stocked(product, 1)
    answer = expect(shop.order(product, headers={"Origin": origin}), 200, SUCCESS)
    assert answer.headers["access-control-allow-origin"] == origin
    assert "x-order-id" in listed(answer, "access-control-expose-headers")
    assert "origin" in listed(answer, "vary")


@pytest.mark.parametrize("status, send", [
    (400, lambda flash, headers: flash.post("/order", json={}, headers=headers)),
    (400, lambda flash, headers: flash.post(
        "/order", content="{", headers=headers | {"content-type": "application/json"})),
    (409, lambda flash, headers: flash.order("unknown", headers=headers)),
    (404, lambda flash, headers: flash.get("/status/unknown", headers=headers)),
    (404, lambda flash, headers: flash.get("/nothing", headers=headers)),
], ids=["400", "malformed", "409", "404", "unknown path"])
def test_refusals_are_readable_by_an_allowed_origin_as_well(shop, status, send):
    answer = send(shop, {"Origin": SHOP})
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize("origin", [
    "https://evil.example", "https://shop.example.evil.example", "http://shop.example",
    "https://shop.example:8443", "null", "https://SHOP.example.", "*",
])
def test_a_foreign_origin_gets_nothing(shop, product, origin):
    assert cors_headers(preflight(shop, "/order", origin)) == []
    shop.stocked(product, 1)
    assert cors_headers(shop.order(product, headers={"Origin": origin})) == []
    assert cors_headers(shop.get("/status/unknown", headers={"Origin": origin})) == []


@pytest.mark.parametrize("path", ["/capacity", "/inventory/PRODUCT"])
def test_what_the_waiting_room_asks_is_open_to_every_origin(shop, product, path):
    shop.stocked(product, 1)
    answer = shop.get(path.replace("PRODUCT", product), headers={"Origin": "https://anyone.example"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_request_without_an_origin_is_answered_as_ever(shop, product):
    shop.stocked(product, 1)
    key = new_key()
    expect(shop.order(product, key), 200, SUCCESS)


def test_a_redirected_order_of_an_allowed_origin_can_be_followed_by_its_page(start_embedded):
    flash = FlashClient(start_embedded(rate_limit_rps=1, cors_origins=SHOP))
    for _ in range(50):
        answer = flash.order("nothing", headers={"Origin": SHOP})
        assert answer.headers["access-control-allow-origin"] == SHOP
        if answer.status_code == 302:
            return
    raise AssertionError("50 orders in a row were all admitted")


def test_without_the_setting_no_other_origin_is_let_in(flash, product):
    flash.stocked(product, 1)
    assert cors_headers(preflight(flash, "/order", SHOP)) == []
    assert "access-control-allow-origin" not in flash.order(product, headers={"Origin": SHOP}).headers
