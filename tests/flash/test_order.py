# POST /order: spec/flash.md sections 2.2 and 2.3 with decisions F4, F5 and F8.
import json
import re
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.eventually import eventually
from support.flash import (DUPLICATE, INVALID_KEY, MISSING_KEY, SOLD_OUT, SUCCESS, expect, new_key)
from support.raw_http import ask, request_bytes

UUID_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
JSON = ("Content-Type", "application/json")


def post_order(souk, body, key=None, headers=()):
    key_header = [] if key is None else [("x-idempotency-key", key)]
    return ask(souk.api, request_bytes("POST", "/order", [JSON, *key_header, *headers], body))


def test_an_order_is_accepted_and_takes_exactly_one_unit(flash, product):
    flash.stocked(product, 5)
    expect(flash.order(product), 200, SUCCESS)
    assert flash.stock(product) == 4


def test_the_example_of_the_contract_answers_as_written(souk, flash):
    flash.stocked("ps5-disc", 50)
    answer = post_order(souk, '{\n  "productId": "ps5-disc",\n  "userId": "user-42"\n}', new_key())
    assert (answer.status, answer.text) == (200, SUCCESS)
    assert answer.header("content-type") == "application/json; charset=utf-8"
    assert answer.header("server") is None


def test_every_order_id_is_a_uuid_of_version_7_with_the_time_in_front(flash, product):
    flash.stocked(product, 3)
    ids = [flash.accepted(product) for _ in range(3)]
    assert len(set(ids)) == 3
    for order in ids:
        assert UUID_7.fullmatch(order), order
        made_ms = uuid.UUID(order).int >> 80
        assert abs(time.time() * 1000 - made_ms) < 60_000
    times = [uuid.UUID(order).int >> 80 for order in ids]
    assert times == sorted(times)


def test_the_second_use_of_a_key_is_ignored_and_names_the_same_order(flash, product):
    key = new_key()
    flash.stocked(product, 5)
    order = flash.accepted(product, key)
    for _ in range(3):
        assert expect(flash.order(product, key), 200, DUPLICATE).headers["x-order-id"] == order
    assert flash.stock(product) == 4


def test_a_key_is_used_up_for_every_user_and_every_product(flash, product):
    key, other = new_key(), product + "-other"
    flash.stocked(product, 5)
    flash.stocked(other, 5)
    order = flash.accepted(product, key, user="alice")
    answer = expect(flash.order(other, key, user="bob"), 200, DUPLICATE)
    assert answer.headers["x-order-id"] == order
    assert flash.stock(other) == 5


def test_the_last_unit_goes_to_one_order_and_the_next_is_sold_out(flash, product):
    flash.stocked(product, 1)
    flash.accepted(product)
    answer = expect(flash.order(product), 409, SOLD_OUT)
    assert "x-order-id" not in answer.headers
    assert flash.stock(product) == 0


def test_a_product_never_initialised_is_sold_out(flash, product):
    expect(flash.order(product), 409, SOLD_OUT)
    assert flash.get(f"/inventory/{product}").status_code == 404


@pytest.mark.parametrize("headers", [[], [("x-idempotency-key", "")], [("x-idempotency-key", "  ")]])
def test_an_absent_or_empty_key_is_a_400(souk, flash, product, headers):
    flash.stocked(product, 1)
    answer = post_order(souk, f'{{"productId":"{product}","userId":"u"}}', headers=headers)
    assert (answer.status, answer.text) == (400, MISSING_KEY)
    assert answer.header("content-type") == "application/json; charset=utf-8"
    assert flash.stock(product) == 1


@pytest.mark.parametrize("key", [
    "x" * 256, "a b", "a\tb", "caf\u00e9", "a\x7fb",
], ids=["256 long", "space", "tab", "not ASCII", "DEL"])
def test_a_key_beyond_255_visible_ascii_characters_is_a_400(souk, flash, product, key):
    flash.stocked(product, 1)
    answer = post_order(souk, f'{{"productId":"{product}","userId":"u"}}', key)
    if key == "a\x7fb" and answer.status == 400 and answer.text != INVALID_KEY:
        return  # a control character is refused by the HTTP parser already
    assert (answer.status, answer.text) == (400, INVALID_KEY)
    assert flash.stock(product) == 1


@pytest.mark.parametrize("key", ["x", "not-a-uuid", "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"])
def test_a_key_need_not_be_a_uuid(flash, product, key):
    flash.stocked(product, 2)
    key += product
    order = flash.accepted(product, key)
    assert expect(flash.order(product, key), 200, DUPLICATE).headers["x-order-id"] == order


def test_a_key_of_255_characters_is_accepted(flash, product):
    flash.stocked(product, 1)
    flash.accepted(product, (product + "k" * 255)[:255])


def test_the_key_header_is_found_in_any_case(souk, flash, product):
    flash.stocked(product, 1)
    body = f'{{"productId":"{product}","userId":"u"}}'
    answer = post_order(souk, body, headers=[("X-IDEMPOTENCY-KEY", new_key())])
    assert (answer.status, answer.text) == (200, SUCCESS)


@pytest.mark.parametrize("body, error", [
    ({}, "Missing productId"),
    ({"userId": "u"}, "Missing productId"),
    ({"productId": "", "userId": "u"}, "Missing productId"),
    ({"productId": None, "userId": "u"}, "Missing productId"),
    ({"productId": 5, "userId": "u"}, "Missing productId"),
    ({"productId": ["a"], "userId": "u"}, "Missing productId"),
    ({"productId": {}, "userId": ""}, "Missing productId"),
    ({"productId": "PRODUCT"}, "Missing userId"),
    ({"productId": "PRODUCT", "userId": ""}, "Missing userId"),
    ({"productId": "PRODUCT", "userId": None}, "Missing userId"),
    ({"productId": "PRODUCT", "userId": 7}, "Missing userId"),
    ({"productId": "PRODUCT", "userId": True}, "Missing userId"),
    ({"productId": "PRODUCT", "userId": "u" * 256}, "Invalid userId"),
    ({"productId": "PRODUCT", "userId": "a\nb"}, "Invalid userId"),
    ({"productId": "PRODUCT", "userId": "a\x00b"}, "Invalid userId"),
    ({"productId": "PRODUCT", "userId": "a\x7fb"}, "Invalid userId"),
])
def test_a_missing_or_wrong_field_is_a_400_that_takes_nothing(flash, product, body, error):
    flash.stocked(product, 1)
    key = new_key()
    sent = {n: product if v == "PRODUCT" else v for n, v in body.items()}
    answer = flash.post("/order", json=sent, headers={"x-idempotency-key": key})
    expect(answer, 400, f'{{"error":"{error}"}}')
    assert flash.stock(product) == 1
    flash.accepted(product, key)  # the key was not used up


@pytest.mark.parametrize("user", ["u", "Zoë 🦊 \"quoted\" \\ 'user'; DROP TABLE orders; --", "ü" * 255])
def test_any_user_id_up_to_255_code_points_reaches_the_database_unchanged(flash, storage, product, user):
    flash.stocked(product, 1)
    order = flash.accepted(product, user=user)
    eventually(lambda: storage.query("SELECT user_id FROM orders WHERE id = ?", order) == [(user,)])


def test_fields_the_contract_does_not_know_are_ignored(flash, product):
    flash.stocked(product, 1)
    body = {"extra": {"deep": [1, 2, {"a": None}]}, "productId": product, "userId": "u"}
    answer = flash.post("/order", content=json.dumps(body, indent=2),
                        headers={"content-type": "application/json", "x-idempotency-key": new_key()})
    expect(answer, 200, SUCCESS)


# Order of checks.

def test_a_missing_key_is_reported_before_missing_fields(flash):
    expect(flash.post("/order", json={}), 400, MISSING_KEY)


def test_an_invalid_key_is_reported_before_missing_fields(flash):
    expect(flash.post("/order", json={}, headers={"x-idempotency-key": "x" * 256}), 400, INVALID_KEY)


def test_malformed_json_is_reported_before_a_missing_key(souk):
    answer = post_order(souk, "{")
    assert (answer.status, answer.text) == (400, '{"error":"Invalid JSON"}')


def test_a_missing_key_on_a_sold_out_product_is_a_400(flash, product):
    flash.stocked(product, 0)
    answer = flash.post("/order", json={"productId": product, "userId": "u"})
    expect(answer, 400, MISSING_KEY)


def test_a_missing_field_is_reported_before_a_used_key(flash, product):
    key = new_key()
    flash.stocked(product, 1)
    flash.accepted(product, key)
    answer = flash.post("/order", json={"productId": product}, headers={"x-idempotency-key": key})
    expect(answer, 400, '{"error":"Missing userId"}')


def test_a_used_key_on_a_sold_out_product_is_ignored_and_not_sold_out(flash, product):
    key = new_key()
    flash.stocked(product, 1)
    flash.accepted(product, key)
    expect(flash.order(product), 409, SOLD_OUT)
    expect(flash.order(product, key), 200, DUPLICATE)


def test_sold_out_does_not_use_up_the_key_which_succeeds_after_a_restock(flash, product):
    key = new_key()
    flash.stocked(product, 0)
    expect(flash.order(product, key), 409, SOLD_OUT)
    flash.stocked(product, 1)
    expect(flash.order(product, key), 200, SUCCESS)


# One atomic admission step.

def at_once(count, call):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def test_one_key_sent_twenty_times_at_once_makes_one_order(flash, storage, product):
    flash.stocked(product, 10)
    key = new_key()
    answers = at_once(20, lambda _: flash.order(product, key))
    assert sorted(a.text for a in answers) == sorted([SUCCESS] + [DUPLICATE] * 19)
    assert len({a.headers["x-order-id"] for a in answers}) == 1
    assert flash.stock(product) == 9
    eventually(lambda: storage.order_count(product) == 1)


def test_two_hundred_orders_at_once_for_fifty_units_sell_exactly_fifty(flash, storage, product):
    flash.stocked(product, 50)
    answers = at_once(40, lambda n: [flash.order(product, user=f"user-{n}-{i}") for i in range(5)])
    texts = [a.text for group in answers for a in group]
    assert texts.count(SUCCESS) == 50 and texts.count(SOLD_OUT) == 150
    assert flash.stock(product) == 0
    eventually(lambda: storage.order_count(product) == 50 and storage.product_stock(product) == 0)


def test_a_client_that_vanishes_after_sending_leaves_a_whole_order_or_none(souk, flash, storage, product):
    flash.stocked(product, 50)
    for _ in range(20):
        body = f'{{"productId":"{product}","userId":"ghost"}}'.encode()
        request = request_bytes("POST", "/order", [JSON, ("x-idempotency-key", new_key())], body)
        with socket.create_connection(("127.0.0.1", souk.api_port)) as connection:
            connection.sendall(request)

    def settled():
        stock, rows = flash.stock(product), storage.order_count(product)
        return stock + rows == 50 and storage.product_stock(product) == stock
    eventually(settled)
    flash.accepted(product)
