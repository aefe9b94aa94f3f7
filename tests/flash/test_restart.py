# What survives the end of the process: spec/flash.md sections 3.2 (dedupe survives a restart), 9 and 11.
import pytest

from support.eventually import eventually
from support.flash import (DUPLICATE, SOLD_OUT, SUCCESS, FlashClient, expect, new_key)


@pytest.fixture(params=["kill", "stop"], ids=["SIGKILL", "SIGTERM"])
def restart(request):
    def again(souk, wait_for="ready"):
        getattr(souk, request.param)()
        souk.restart(wait_for)
    return again


def test_stock_keys_and_orders_are_as_before_after_a_restart(start_souk, restart):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 10)
    keys = {key: flash.accepted("p", key) for key in (new_key() for _ in range(6))}
    restart(souk)

    assert flash.stock("p") == 4
    for key, order in keys.items():
        assert expect(flash.order("p", key), 200, DUPLICATE).headers["x-order-id"] == order
        assert flash.status(key).json()["orderId"] == order
        flash.confirmed(order)
    assert flash.stock("p") == 4
    for _ in range(4):
        flash.accepted("p")
    expect(flash.order("p"), 409, SOLD_OUT)
    eventually(lambda: souk.storage.order_count("p") == 10 and souk.storage.product_stock("p") == 0)


def test_an_init_is_durable_before_its_answer(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    for quantity in (3, 8, 0, 5):
        flash.stocked("p", quantity)
        souk.kill()
        souk.restart()
        assert flash.stock("p") == quantity


def test_an_order_is_durable_before_its_answer(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 10)
    orders = []
    for _ in range(5):
        orders.append(flash.accepted("p"))
        souk.kill()
        souk.restart()
    for order in orders:
        flash.confirmed(order)
    assert flash.stock("p") == 5
    rows = souk.storage.query("SELECT id FROM orders WHERE product_id = 'p' ORDER BY id")
    assert rows == sorted((order,) for order in orders)


def test_the_backlog_is_written_after_a_restart_each_order_once(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 100)
    early = [flash.confirmed(flash.accepted("p")) for _ in range(3)]
    with souk.storage.orders_stay_pending():
        late = [flash.accepted("p") for _ in range(40)]
        assert flash.state(late[-1]) == "pending"
        souk.kill()
    souk.restart()

    assert flash.stock("p") == 57
    for order in early + late:
        flash.confirmed(order, 30)
    assert souk.storage.order_count("p") == 43
    assert souk.storage.product_stock("p") == 57


def test_a_backlog_of_the_old_sale_does_not_consume_units_of_the_new_one_after_a_restart(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 30)
    for _ in range(30):
        flash.accepted("p")
    flash.stocked("p", 7)
    flash.accepted("p")
    souk.kill()
    souk.restart()
    assert flash.stock("p") == 6
    eventually(lambda: souk.storage.order_count("p") == 31, 20)
    assert souk.storage.product_stock("p") == 6


def test_many_crashes_in_a_row_lose_and_double_nothing(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 1000)
    orders = []
    for _ in range(5):
        orders += [flash.accepted("p") for _ in range(20)]
        souk.kill()
        souk.restart(wait_for="alive")
        souk.wait_until("/readyz")
    eventually(lambda: souk.storage.order_count("p") == 100, 20)
    assert len(set(orders)) == 100
    assert flash.stock("p") == souk.storage.product_stock("p") == 900


# The life of a key.

def test_after_its_life_a_key_may_be_used_again_and_names_the_newest_order(start_souk):
    souk = start_souk(idempotency_ttl_seconds=1)
    flash = FlashClient(souk)
    flash.stocked("p", 5)
    key = new_key()
    first = flash.accepted("p", key)

    def used_again():
        answer = flash.order("p", key)
        assert answer.text in (SUCCESS, DUPLICATE)
        return answer if answer.text == SUCCESS else None
    second = eventually(used_again).headers["x-order-id"]

    assert second != first
    assert flash.status(key).json()["orderId"] == second
    assert flash.stock("p") == 3
    for order in (first, second):
        flash.confirmed(order)
        assert flash.status(order).json()["orderId"] == order
    assert flash.status(key).json()["orderId"] == second
    souk.kill()
    souk.restart()
    assert flash.status(key).json()["orderId"] == second
    assert flash.status(first).json()["orderId"] == first


def test_a_key_still_finds_its_order_when_its_life_has_passed(start_souk):
    souk = start_souk(idempotency_ttl_seconds=1)
    flash = FlashClient(souk)
    flash.stocked("p", 5)
    key, clock = new_key(), new_key()
    order = flash.confirmed(flash.accepted("p", key))
    flash.accepted("p", clock)
    # The second key was used later; when it may be used again, the first one's life has passed.
    eventually(lambda: flash.order("p", clock).text == SUCCESS)
    assert flash.status(key).json()["orderId"] == order


def test_the_life_of_a_key_counts_from_acceptance_and_not_from_the_restart(start_souk):
    souk = start_souk(idempotency_ttl_seconds=2)
    flash = FlashClient(souk)
    flash.stocked("p", 5)
    key = new_key()
    accepted_at = flash.status(flash.accepted("p", key)).json()["acceptedAt"]
    for _ in range(2):
        souk.kill()
        souk.restart()
    again = eventually(lambda: next((a.headers["x-order-id"] for a in [flash.order("p", key)]
                                     if a.text == SUCCESS), None), 15)
    assert flash.status(again).json()["acceptedAt"] >= accepted_at + 2000
