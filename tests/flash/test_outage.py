# A database that is away: spec/flash.md sections 8 and 9, weaknesses 1, 20 and 29.
import re

import pytest

from support.eventually import eventually
from support.flash import (DUPLICATE, JSON_TYPE, ORDER_FAILED, FlashClient, expect, new_key)
from support.flash_storage import PostgresFlash

pytestmark = [pytest.mark.engine, pytest.mark.slow]

INTERNAL = '{"status":"error","msg":"Internal error"}'


@pytest.fixture
def rows(postgres):
    """A fresh database on a server that a test may stop; it runs again afterwards."""
    postgres.start()
    storage = PostgresFlash(postgres)
    yield storage
    postgres.thaw()
    postgres.start()
    storage.discard()


@pytest.fixture
def start(start_embedded, rows):
    return lambda **settings: start_embedded(storage=rows, **settings)


def expect_unhealthy(flash):
    answer = flash.get("/health")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == JSON_TYPE
    assert re.fullmatch(r'\{"status":"error","msg":"[^"]+ unavailable"\}', answer.text), answer.text
    return True


def promptly(answer):
    """The contract's second, and one more for a busy machine."""
    assert answer.elapsed.total_seconds() < 2
    return answer


def test_without_its_database_the_service_starts_says_so_and_heals_by_itself(postgres, start):
    postgres.stop()
    souk = start(wait_for="alive")
    flash = FlashClient(souk)

    eventually(lambda: expect_unhealthy(flash))
    assert souk.http.get(souk.ops + "/healthz").status_code == 200
    assert souk.http.get(souk.ops + "/readyz").status_code == 503
    expect(promptly(flash.order("p")), 500, ORDER_FAILED)
    expect(promptly(flash.init("p", 1)), 500, INTERNAL)
    assert flash.get("/capacity").status_code == 200

    postgres.start()
    souk.wait_until("/readyz")
    expect(flash.get("/health"), 200, '{"status":"ok"}')
    flash.stocked("p", 1)
    flash.confirmed(flash.accepted("p"))


def test_a_restart_during_an_outage_keeps_every_promise_once_the_database_is_back(postgres, start, rows):
    souk = start()
    flash = FlashClient(souk)
    flash.stocked("p", 20)
    confirmed = flash.confirmed(flash.accepted("p"))
    postgres.stop()
    pending = {key: flash.accepted("p", key) for key in (new_key() for _ in range(5))}
    souk.kill()
    souk.restart(wait_for="alive")
    assert flash.order("p").status_code in (200, 500)

    postgres.start()
    souk.wait_until("/readyz")
    for key, order in pending.items():
        flash.confirmed(order, 30)
        assert expect(flash.order("p", key), 200, DUPLICATE).headers["x-order-id"] == order
    assert flash.state(confirmed) == "confirmed"
    eventually(lambda: rows.order_count("p") + flash.stock("p") == 20)
    assert rows.product_stock("p") == flash.stock("p")


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_orders_are_accepted_during_an_outage_and_confirmed_after_it(postgres, start, rows, end):
    souk = start()
    flash = FlashClient(souk)
    flash.stocked("p", 100)
    before = flash.confirmed(flash.accepted("p"))
    getattr(postgres, end)()

    during = [flash.accepted("p") for _ in range(30)]
    eventually(lambda: expect_unhealthy(flash))
    assert flash.state(during[0]) == "pending"
    assert flash.stock("p") == 69
    # Nobody can say now whether a key was ever used; that answer may not keep the client waiting.
    for _ in range(3):
        assert promptly(flash.status(new_key())).status_code in (404, 500)

    postgres.start()
    for order in [before, *during]:
        flash.confirmed(order, 30)
    eventually(lambda: flash.get("/health").status_code == 200)
    assert rows.order_count("p") == 31
    assert rows.product_stock("p") == flash.stock("p") == 69


def test_a_database_that_does_not_answer_holds_up_no_order(postgres, start, rows):
    souk = start()
    flash = FlashClient(souk)
    flash.stocked("p", 100)
    flash.confirmed(flash.accepted("p"))
    postgres.freeze()
    during = []
    for _ in range(10):
        answer = promptly(flash.order("p"))
        assert answer.status_code == 200
        during.append(answer.headers["x-order-id"])
    assert promptly(flash.get("/inventory/p")).json()["stock"] == 89

    postgres.thaw()
    for order in during:
        flash.confirmed(order, 45)
    assert rows.order_count("p") == 11
    assert rows.product_stock("p") == 89


def test_a_database_that_fails_again_and_again_neither_loses_nor_doubles_an_order(postgres, start, rows):
    souk = start()
    flash = FlashClient(souk)
    flash.stocked("p", 1000)
    orders = []
    for _ in range(4):
        orders += [flash.accepted("p") for _ in range(40)]
        postgres.kill()
        orders += [flash.accepted("p") for _ in range(10)]
        postgres.start()
    for order in orders:
        flash.confirmed(order, 45)
    assert rows.order_count("p") == len(set(orders)) == 200
    assert rows.product_stock("p") == 800


def test_sigterm_during_an_outage_ends_in_time_and_keeps_the_backlog(postgres, start, rows):
    souk = start()
    flash = FlashClient(souk)
    flash.stocked("p", 10)
    postgres.stop()
    orders = [flash.accepted("p") for _ in range(5)]
    souk.stop()
    postgres.start()
    souk.restart()
    for order in orders:
        flash.confirmed(order, 30)
    assert rows.order_count("p") == 5
