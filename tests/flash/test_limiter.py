# The token bucket and GET /capacity: spec/flash.md section 4 with decisions F9 and F10.
#
# Time passes while requests are sent, and tokens flow back. So every count is checked against the
# time that really passed, and no figure depends on how fast the machine is.
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.eventually import eventually
from support.flash import (DUPLICATE, MISSING_KEY, SOLD_OUT, FlashClient, expect, new_key)
from support.raw_http import ask, request_bytes

WAITING_ROOM = "http://localhost:4000"


def limited(start_embedded, rate, **settings):
    return FlashClient(start_embedded(rate_limit_rps=rate, **settings))


def expect_redirect(answer, location=WAITING_ROOM):
    assert answer.status_code == 302
    assert answer.headers["location"] == location
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-length"] == "0"
    assert answer.content == b""


def drain(flash):
    """Orders until one is redirected; gives that answer."""
    # No pause between tries: they have to outrun the tokens that flow back.
    return eventually(lambda: next(
        (a for a in [flash.order("nothing")] if a.status_code == 302), None), 10, "a redirect", pause=0)


def test_over_the_threshold_an_order_is_redirected_to_the_waiting_room(start_embedded):
    flash = limited(start_embedded, 1)
    expect_redirect(drain(flash))


@pytest.mark.parametrize("location", ["https://wait.example/room?a=1", "http://10.0.0.1:4000"])
def test_the_location_is_exactly_the_configured_address(start_embedded, location):
    flash = limited(start_embedded, 1, waiting_room_url=location)
    expect_redirect(drain(flash), location)


@pytest.mark.parametrize("rate", [1, 5, 50])
def test_an_idle_service_admits_a_burst_of_n_at_once_and_n_per_second_after_that(start_embedded, rate):
    flash = limited(start_embedded, rate)
    count = rate * 4 + 8
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: flash.order("nothing"), range(count)))
    passed = time.monotonic() - began

    admitted = sum(a.status_code == 409 for a in answers)
    assert all(a.status_code in (302, 409) for a in answers)
    assert admitted >= min(rate, count)
    assert admitted <= rate + passed * rate + 1


def test_a_redirected_order_takes_no_token(start_embedded):
    """While orders hammer at the empty bucket, tokens still arrive at the full rate."""
    flash = limited(start_embedded, 10)
    drain(flash)
    began = time.monotonic()
    admitted, redirected = 0, 0
    while admitted < 10:
        # Were redirected orders counted, nobody would be admitted as long as this goes on.
        assert time.monotonic() - began < 20
        status = flash.order("nothing").status_code
        admitted += status == 409
        redirected += status == 302
    passed = time.monotonic() - began
    assert admitted <= passed * 10 + 1.5


KINDS = ["success", "duplicate", "sold out", "missing key", "invalid key", "missing field"]


def send_kind(flash, kind):
    if kind == "success":
        return flash.order("stocked").status_code == 200
    if kind == "duplicate":
        return flash.order("stocked", "used-key").text == DUPLICATE
    if kind == "sold out":
        return flash.order("nothing").text == SOLD_OUT
    if kind == "missing key":
        return flash.post("/order", json={"productId": "stocked", "userId": "u"}).text == MISSING_KEY
    if kind == "invalid key":
        return flash.order("stocked", "x" * 256).status_code == 400
    return flash.post("/order", json={}, headers={"x-idempotency-key": "k"}).status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_an_admitted_order_ends_as_it_takes_one_token(start_embedded, kind):
    rate = 20
    flash = limited(start_embedded, rate)
    flash.stocked("stocked", 1_000_000)
    flash.accepted("stocked", "used-key")

    def taken():
        eventually(lambda: flash.capacity()["remaining"] == rate)
        began = time.monotonic()
        assert all([send_kind(flash, kind) for _ in range(16)])
        remaining = flash.capacity()["remaining"]
        refilled = (time.monotonic() - began) * rate
        assert remaining >= rate - 16
        # When the machine was so slow that the bucket may have filled up again, nothing was seen.
        assert refilled < 12, "too slow to tell"
        return remaining <= rate - 16 + refilled + 1

    eventually(taken, 30, "a round fast enough to tell")


@pytest.mark.parametrize("headers, body, status", [
    ([("Content-Type", "application/json")], b"{", 400),
    ([("Content-Type", "application/json")], b"", 400),
    ([("Content-Type", "application/json")], b"[]", 400),
    ([("Content-Type", "text/plain")], b"{}", 415),
], ids=["malformed", "empty", "no object", "media type"])
def test_what_http_refuses_never_touches_the_limiter(start_embedded, headers, body, status):
    flash = limited(start_embedded, 1)
    request = request_bytes("POST", "/order", headers, body)
    for _ in range(5):
        assert ask(flash.souk.api, request).status == status
    assert flash.capacity()["remaining"] == 1
    # Nor is such a request redirected when the bucket is empty.
    drain(flash)
    for _ in range(5):
        assert ask(flash.souk.api, request).status == status


def test_a_body_that_is_too_large_never_touches_the_limiter(start_embedded):
    flash = limited(start_embedded, 1)
    head = b"POST /order HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n"
    for _ in range(3):
        assert ask(flash.souk.api, head).status == 413
    assert flash.capacity()["remaining"] == 1


def redirected_while_others_pass(flash, send, admitted_status):
    """Sends until a redirect is seen; what is not redirected must have the given status."""
    def once():
        answer = send()
        assert answer.status_code in (302, admitted_status), answer.text
        return answer if answer.status_code == 302 else None
    answer = eventually(once, 10, "a redirect", pause=0)
    expect_redirect(answer)


def test_over_the_limit_a_request_without_a_key_is_redirected(start_embedded):
    flash = limited(start_embedded, 1)
    redirected_while_others_pass(flash, lambda: flash.post("/order", json={}), 400)


def test_over_the_limit_a_used_key_is_redirected(start_embedded):
    flash = limited(start_embedded, 2)
    flash.stocked("p", 5)
    key = new_key()
    eventually(lambda: flash.order("p", key).status_code == 200)
    redirected_while_others_pass(flash, lambda: flash.order("p", key), 200)


def test_over_the_limit_a_sold_out_product_is_redirected(start_embedded):
    flash = limited(start_embedded, 1)
    redirected_while_others_pass(flash, lambda: flash.order("nothing"), 409)


def test_a_redirected_order_takes_no_unit_and_does_not_use_up_its_key(start_embedded):
    flash = limited(start_embedded, 1)
    flash.stocked("p", 1)
    drain(flash)
    key = new_key()
    answer = flash.order("p", key)
    if answer.status_code == 302:
        assert flash.stock("p") == 1
    eventually(lambda: flash.order("p", key).status_code == 200)
    assert flash.stock("p") == 0


def test_nothing_but_an_order_is_ever_redirected_or_takes_a_token(start_embedded):
    flash = limited(start_embedded, 1)
    for _ in range(3):
        flash.stocked("p", 1)
        for path in ("/inventory/p", "/status/x", "/health", "/metrics", "/capacity"):
            assert flash.get(path).status_code in (200, 404)
        expect(flash.cancel("unknown"), 404, '{"error":"Order not found"}')
        assert flash.get("/order").status_code == 405
    assert flash.capacity()["remaining"] == 1


# Settings.

def test_the_default_threshold_is_fifty(start_embedded):
    flash = limited(start_embedded, None)
    expect(flash.get("/capacity"), 200, '{"status":"ok","limit":50,"remaining":50,"retryAfterMs":0}')


def test_the_default_threshold_in_production_is_ten_thousand(start_embedded):
    flash = limited(start_embedded, None, souk_env="production", admin_token="geheim",
                    souk_admin_token="betrieb")
    expect(flash.get("/capacity"), 200,
           '{"status":"ok","limit":10000,"remaining":10000,"retryAfterMs":0}')


def test_zero_switches_the_limiter_off(start_embedded):
    flash = limited(start_embedded, 0)
    expect(flash.get("/capacity"), 200, '{"status":"ok","limit":0,"remaining":-1,"retryAfterMs":0}')
    assert all(flash.order("nothing").status_code == 409 for _ in range(120))


# GET /capacity.

def test_capacity_tells_what_is_free_and_when_to_come_back(start_embedded):
    flash = limited(start_embedded, 1)

    def empty():
        drain(flash)
        seen = flash.capacity()
        assert list(seen) == ["status", "limit", "remaining", "retryAfterMs"]
        assert (seen["status"], seen["limit"]) == ("ok", 1)
        return seen if seen["remaining"] == 0 else None

    assert 0 < eventually(empty)["retryAfterMs"] <= 1000
    eventually(lambda: flash.capacity() == {
        "status": "ok", "limit": 1, "remaining": 1, "retryAfterMs": 0})


def test_capacity_takes_nothing_and_never_shows_more_than_the_limit(start_embedded):
    flash = limited(start_embedded, 3)
    assert all(flash.capacity()["remaining"] == 3 for _ in range(30))


def test_capacity_is_open_to_every_origin_and_never_cached(start_embedded):
    flash = limited(start_embedded, 3)
    for headers in ({}, {"Origin": "https://anyone.example"}):
        answer = flash.get("/capacity", headers=headers)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cache-control"] == "no-store"
