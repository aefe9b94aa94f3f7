# The issuer's keys: fetched, kept, rotated; an issuer that is down, slow, redirecting or wrong (DECISION S4).
# What keeps the rows does not matter here, so these run on SQLite alone.
import json
import time

import pytest

from support.eventually import eventually
from support.issuer import JWKS_PATH, Issuer, SigningKey
from support.store import at_once, expect_error

PATH = "/api/cdn-auth"
FETCH_SECONDS = 3
REFRESH_SECONDS = 10  # the shortest time between two refreshes for unknown keys
SETTINGS = {"image_kit_private_key": "private_key"}


@pytest.fixture(scope="module")
def keys():
    """Keys are slow to make; the tests share a few."""
    return [SigningKey() for _ in range(2)]


@pytest.fixture
def own(keys):
    """An issuer for one test alone, running."""
    with Issuer(keys[0]) as running:
        yield running


@pytest.fixture
def start(start_embedded_store):
    return lambda by, **settings: start_embedded_store(by=by, **(SETTINGS | settings))


def status(shop, token=None):
    return shop.get(PATH, headers={"Authorization": f"Bearer {token or shop.issuer.token()}"}).status_code


def expect_no_keys(shop, seconds_max=FETCH_SECONDS + 2):
    answer = shop.get(PATH, shop.caller())
    expect_error(answer, 503, "CLERK_AUTH_ERROR")
    assert answer.headers["retry-after"] == "1"
    assert answer.elapsed.total_seconds() < seconds_max
    return answer


def test_with_the_issuer_down_at_the_start_callers_are_asked_to_come_back(start, own):
    own.stop()
    shop = start(own)
    expect_no_keys(shop)
    expect_error(shop.get(PATH), 401, "UNAUTHORIZED")
    assert shop.get("/api/product").status_code == 200
    assert shop.contact().status_code == 201

    own.start()
    eventually(lambda: status(shop) == 200, 15)


@pytest.mark.parametrize("wrong", [
    (500, {}, b"broken"), (404, {}, b""), (200, {}, b""), (200, {}, b"<html>"), (200, {}, b"[]"), (200, {}, b"{}"),
    (200, {}, b'{"keys": 5}'), (200, {}, b'{"keys": []}'), (200, {}, b'{"keys": [5, null, {}]}'), (204, {}, b""),
    (200, {}, b'{"keys": [' + b" " * (2 << 20)),
], ids=["500", "404", "empty", "page", "list", "no keys", "keys no list", "none", "odd keys", "204", "endless"])
def test_an_answer_that_is_no_key_set_gives_no_key(start, own, wrong):
    own.wrong = wrong
    shop = start(own)
    answer = shop.get(PATH, shop.caller())
    # A well-formed set without our key is a set: then the key is unknown.
    if wrong[2] in (b'{"keys": []}', b'{"keys": [5, null, {}]}'):
        assert (answer.status_code, answer.json()["error_code"]) in (
            (401, "INVALID_TOKEN"), (503, "CLERK_AUTH_ERROR"))
    else:
        expect_no_keys(shop)


def test_after_a_wrong_answer_at_the_start_the_right_one_is_fetched(start, own):
    own.wrong = (200, {}, b"<html>")
    shop = start(own)
    expect_no_keys(shop)
    own.wrong = None
    eventually(lambda: status(shop) == 200, REFRESH_SECONDS + 8)


def test_a_slow_issuer_is_given_three_seconds(start, own):
    own.stall()
    shop = start(own)
    began = time.monotonic()
    expect_no_keys(shop)
    assert time.monotonic() - began < FETCH_SECONDS + 2
    assert shop.get("/").elapsed.total_seconds() < 1
    own.go_on()
    eventually(lambda: status(shop) == 200, 15)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(start, own, keys, code):
    with Issuer(keys[0]) as elsewhere:
        own.wrong = (code, {"Location": elsewhere.url.replace("127.0.0.1", "localhost") + JWKS_PATH}, b"")
        shop = start(own)
        expect_no_keys(shop)
        assert elsewhere.fetches == 0 and own.fetches >= 1


def test_keys_once_had_serve_on_while_the_issuer_is_down(start, own):
    shop = start(own)
    assert status(shop) == 200
    own.stop()
    for _ in range(20):
        assert status(shop) == 200
    expect_error(shop.get(PATH, headers={"Authorization": f"Bearer {own.token(header={'kid': 'new'})}"}),
                 401, "INVALID_TOKEN")
    assert status(shop) == 200


def test_a_wrong_answer_to_a_refresh_keeps_the_keys(start, own):
    shop = start(own)
    assert status(shop) == 200
    own.wrong = (200, {}, b"garbage")
    shop.get(PATH, headers={"Authorization": f"Bearer {own.token(header={'kid': 'new'})}"})
    assert status(shop) == 200


def test_a_rotated_key_is_learnt_and_the_old_one_forgotten(start, own):
    shop = start(own)
    old_token = own.token()
    assert status(shop, old_token) == 200
    own.rotate()
    new_token = own.token()
    eventually(lambda: status(shop, new_token) == 200, REFRESH_SECONDS + 5)
    expect_error(shop.get(PATH, headers={"Authorization": f"Bearer {old_token}"}), 401, "INVALID_TOKEN")


def test_a_key_added_beside_the_old_one_is_learnt_and_both_serve(start, own, keys):
    shop = start(own)
    old_token = own.token()
    assert status(shop, old_token) == 200
    own.publish_too(keys[1])
    eventually(lambda: status(shop, own.token(key=keys[1])) == 200, REFRESH_SECONDS + 5)
    assert status(shop, old_token) == 200


def test_unknown_keys_ask_the_issuer_rarely_and_together(start, own):
    shop = start(own)
    assert status(shop) == 200
    before = own.fetches
    tokens = [own.token(header={"kid": f"unknown-{number}"}) for number in range(32)]
    began = time.monotonic()
    assert set(at_once([lambda t=token: status(shop, t) for token in tokens])) == {401}
    for token in tokens:
        assert status(shop, token) == 401
    assert own.fetches - before <= 1 + (time.monotonic() - began) // REFRESH_SECONDS


def test_the_first_callers_share_one_fetch(start, own):
    own.stall()
    shop = start(own)
    tokens = [own.token() for _ in range(16)]
    own.go_on()
    assert set(at_once([lambda t=token: status(shop, t) for token in tokens])) <= {200, 503}
    eventually(lambda: status(shop) == 200, 15)
    assert own.fetches <= 2


UNUSABLE = {
    "1024 bits": (SigningKey(1024), {}),
    "for encryption": (None, {"use": "enc"}),
    "another kind": (None, {"kty": "EC"}),
    "no modulus": (None, {"n": None}),
    "modulus not base64url": (None, {"n": "!!!"}),
    "exponent one": (None, {"e": "AQ"}),
    "even exponent": (None, {"e": "Ag"}),
    "no kid": (None, {"kid": None}),
}


@pytest.mark.parametrize("key, members", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_a_key_that_must_not_be_used_is_not_and_the_others_are(start, own, keys, key, members):
    key = own.publish_too(key or keys[1], **members)
    shop = start(own)
    expect_error(shop.get(PATH, headers={"Authorization": f"Bearer {own.token(key=key)}"}), 401, "INVALID_TOKEN")
    assert status(shop) == 200


def test_use_and_alg_may_be_absent(start, own):
    own.published = [own.key.jwk(use=None, alg=None)]
    assert status(start(own)) == 200


def test_a_large_key_set_is_read(start, own):
    own.published = [own.key.jwk(kid=f"other-{number}") for number in range(50)] + own.published
    assert status(start(own)) == 200


def test_a_trailing_slash_in_the_setting_does_not_matter(start, own):
    shop = start(own, clerk_issuer=own.url + "/")
    for iss in (own.url, own.url + "/"):
        assert status(shop, own.token(iss=iss)) == 200
    assert {request.path for request in own.requests} == {JWKS_PATH}


def test_authorized_parties_are_checked_where_the_token_names_one(start, own):
    shop = start(own, clerk_authorized_parties="https://shop.example, http://localhost:3000")
    for azp in ("https://shop.example", "http://localhost:3000", None):
        assert status(shop, own.token(azp=azp)) == 200, azp
    for azp in ("https://evil.example", "https://shop.example.evil.example", "", "https://SHOP.example", 5):
        answer = shop.get(PATH, headers={"Authorization": f"Bearer {own.token(azp=azp)}"})
        expect_error(answer, 401, "INVALID_TOKEN")


def test_the_leeway_is_a_setting(start, own):
    now = int(time.time())
    generous = start(own, clerk_clock_skew_seconds=120)
    assert status(generous, own.token(exp=now - 60)) == 200
    assert status(generous, own.token(nbf=now + 60)) == 200
    strict = start(own, clerk_clock_skew_seconds=0)
    expect_error(strict.get(PATH, headers={"Authorization": f"Bearer {own.token(exp=now - 1)}"}),
                 401, "TOKEN_EXPIRED")


def test_what_the_service_asks_the_issuer_carries_no_secret(start, own):
    shop = start(own, clerk_secret_key="sk_test_secret")
    assert status(shop) == 200
    asked = json.dumps([(request.path, request.headers) for request in own.requests])
    assert "sk_test_secret" not in asked and shop.caller().token not in asked
    assert "sk_test_secret" not in shop.souk.stderr
