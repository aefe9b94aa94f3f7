"""Bad company: clients that vanish, and five hundred that send a byte per second beside a normal one."""

from __future__ import annotations

import time
import uuid

from support.crowds import SlowCrowd
from support.eventually import eventually
from support.flash_requests import init, order_request, stock
from support.raw_http import Connection, ask, request_bytes

SECONDS = 30
SLOW_CLIENTS = 500


def new_key() -> str:
    return str(uuid.uuid4())


def rows_and_stock(souk, product: str) -> int:
    return souk.storage.order_count(product) + stock(souk.api, product)


def test_clients_that_vanish_after_sending_lose_no_unit(souk, product):
    quantity, clients = 300, 200
    init(souk.api, product, quantity)
    keys = [new_key() for _ in range(clients)]
    for number, key in enumerate(keys):
        connection = Connection(souk.api)
        connection.send(order_request(product, key))
        connection.vanish() if number % 2 else connection.close()

    # Each order either happened or did not; the retry tells which, and there is one unit per key.
    answers = [ask(souk.api, order_request(product, key)) for key in keys]
    assert {answer.word for answer in answers} <= {"success", "ignored"}
    assert all(ask(souk.api, order_request(product, key)).word == "ignored" for key in keys)

    eventually(lambda: souk.storage.order_count(product) >= clients, SECONDS, "all orders stored")
    eventually(lambda: rows_and_stock(souk, product) == quantity, SECONDS, "no unit lost")
    assert stock(souk.api, product) == quantity - clients
    rows = souk.storage.query("SELECT id FROM orders WHERE product_id = ?", product)
    assert {str(row[0]) for row in rows} == {answer.order_id for answer in answers}


def test_clients_that_vanish_from_the_last_unit_leave_it_sold_or_for_sale(souk, product):
    for number in range(50):
        one, key = f"{product}-{number}", new_key()
        init(souk.api, one, 1)
        connection = Connection(souk.api)
        connection.send(order_request(one, key))
        connection.vanish()
        assert ask(souk.api, order_request(one, key)).word in ("success", "ignored")
        assert stock(souk.api, one) == 0
        assert ask(souk.api, order_request(one, new_key())).word == "sold_out"
    eventually(lambda: all(rows_and_stock(souk, f"{product}-{n}") == 1 for n in range(50)), SECONDS)


def test_a_pipeline_whose_client_vanishes_is_carried_out_without_losing_a_unit(souk, product):
    quantity = 500
    init(souk.api, product, quantity)
    keys = [new_key() for _ in range(100)]
    connection = Connection(souk.api)
    connection.send(b"".join(order_request(product, key) for key in keys))
    connection.vanish()
    for key in keys:
        assert ask(souk.api, order_request(product, key)).word in ("success", "ignored")
    eventually(lambda: souk.storage.order_count(product) >= len(keys), SECONDS, "all orders stored")
    assert rows_and_stock(souk, product) == quantity


def slow_requests(product: str) -> list[tuple[bytes, bytes]]:
    """Half of them never get past their head, the other half drip their body."""
    requests = []
    for number in range(SLOW_CLIENTS):
        whole = order_request(product, new_key(), "slow")
        cut = 0 if number % 2 else whole.index(b"\r\n\r\n") + 4
        requests.append((whole[:cut], whole[cut:]))
    return requests


def test_five_hundred_clients_of_a_byte_per_second_do_not_disturb_a_normal_one(souk, product):
    orders, bytes_each = 1000, 3
    init(souk.api, product, orders)
    crowd = SlowCrowd(souk.api, slow_requests(product))
    try:
        give_up_at = time.monotonic() + 120
        succeeded = 0
        with Connection(souk.api) as normal:
            while succeeded < orders or crowd.bytes_sent() < bytes_each * SLOW_CLIENTS:
                assert time.monotonic() < give_up_at, f"only {succeeded} orders within the deadline"
                crowd.tick()
                if succeeded < orders:
                    assert normal.ask(order_request(product, new_key())).word == "success"
                    succeeded += 1
        assert stock(souk.api, product) == 0
    finally:
        crowd.close()
    eventually(lambda: souk.storage.order_count(product) >= orders, SECONDS, "all orders stored")
    assert souk.storage.order_count(product) == orders
    assert ask(souk.api, request_bytes("GET", "/health")).status == 200
