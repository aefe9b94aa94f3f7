# The signature for uploads (spec/store.md 5.2).
import hashlib
import hmac
import time
import uuid

import pytest

from support.store import JSON_TYPE, expect_error
from support.store_fixtures import PRIVATE_KEY

PATH = "/api/cdn-auth"


def test_the_signature_is_the_hmac_of_token_and_expiry(store):
    answer = store.get(PATH, store.caller(email=None))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == JSON_TYPE
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert list(body) == ["signature", "token", "expire"]
    assert uuid.UUID(body["token"]).version == 4 and body["token"] == str(uuid.UUID(body["token"]))
    assert isinstance(body["expire"], int)
    signed = f"{body['token']}{body['expire']}".encode()
    assert body["signature"] == hmac.new(PRIVATE_KEY.encode(), signed, hashlib.sha1).hexdigest()


def test_it_expires_in_half_an_hour(store):
    before = int(time.time())
    expire = store.get(PATH, store.caller()).json()["expire"]
    assert before + 1800 <= expire <= time.time() + 1801


def test_every_call_gives_a_token_of_its_own(store):
    who = store.caller()
    assert len({store.get(PATH, who).json()["token"] for _ in range(50)}) == 50


def test_it_makes_no_user(store, rows):
    who = store.caller()
    store.get(PATH, who)
    assert rows.users(who.email) == 0


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_private_key_it_cannot_sign(start_embedded_store, key):
    shop = start_embedded_store(image_kit_private_key=key)
    expect_error(shop.get(PATH), 401, "UNAUTHORIZED")
    expect_error(shop.get(PATH, shop.caller()), 500, "CDN_AUTH_ERROR")


def test_a_key_of_any_length_is_used_whole(start_embedded_store):
    key = "k" * 200
    shop = start_embedded_store(image_kit_private_key=key)
    body = shop.get(PATH, shop.caller()).json()
    signed = f"{body['token']}{body['expire']}".encode()
    assert body["signature"] == hmac.new(key.encode(), signed, hashlib.sha1).hexdigest()
    assert key not in shop.souk.stderr
