# MAX_PER_USER: one user cannot drain a sale with many keys (spec 11, 6).
import pytest

from support.crowds import Crowd
from support.eventually import eventually
from support.flash import CANCELLED, DUPLICATE, LIMIT_REACHED, SOLD_OUT, FlashClient, expect, new_key
from support.flash_requests import order_request
from support.metrics import total

HELD = "SELECT count(*) FROM orders WHERE product_id = ? AND user_id = ? AND state <> 'cancelled'"


@pytest.fixture(params=["kill", "stop"], ids=["SIGKILL", "SIGTERM"])
def restart(request):
    def again(souk, **settings):
        getattr(souk, request.param)()
        souk.settings.update(settings)
        souk.restart()
    return again


def places(flash, product, user="anna"):
    """How many more units the user gets: all of them are bought."""
    bought = 0
    while (answer := flash.order(product, user=user)).status_code == 200:
        bought += 1
    expect(answer, 409, LIMIT_REACHED)
    return bought


def test_it_is_off_unless_set(flash, product):
    flash.stocked(product, 30)
    for _ in range(30):
        flash.accepted(product, user="anna")


def test_a_user_gets_so_many_units_whatever_keys_are_used(start_souk, product):
    flash = FlashClient(start_souk(max_per_user=3))
    flash.stocked(product, 10)
    keys = [new_key() for _ in range(3)]
    for key in keys:
        flash.accepted(product, key, "anna")

    expect(flash.order(product, user="anna"), 409, LIMIT_REACHED)
    expect(flash.order(product, keys[0], "anna"), 200, DUPLICATE)
    flash.accepted(product, user="Anna")
    assert flash.stock(product) == 6
    flash.stocked(product, 0)
    expect(flash.order(product, user="anna"), 409, SOLD_OUT)


def test_parallel_orders_of_one_user_stay_within_it(start_souk, product):
    souk = start_souk(max_per_user=3, loops=4)
    flash = FlashClient(souk)
    with Crowd(souk.api, 64) as crowd:
        for number in range(20):
            one = flash.stocked(f"{product}-{number}", 100)
            users = ["anna", "bert"] * 32
            answers = crowd.burst([order_request(one, new_key(), user) for user in users])
            for user in ("anna", "bert"):
                words = [answer.word for answer, whose in zip(answers, users, strict=True) if whose == user]
                assert sorted(words) == ["limit_reached"] * 29 + ["success"] * 3, f"round {number}"
            assert flash.stock(one) == 94
    eventually(lambda: souk.storage.order_count(one) == 6, 15, "six orders stored")


def test_a_refusal_is_no_failure(start_embedded, product):
    souk = start_embedded(max_per_user=1)
    flash = FlashClient(souk)
    flash.stocked(product, 10)
    flash.accepted(product, user="anna")
    for _ in range(7):
        expect(flash.order(product, user="anna"), 409, LIMIT_REACHED)

    text = souk.http.get(souk.ops + "/metrics").text
    assert total(text, "counter", "user_limited") == 7
    assert total(text, "counter", "failed") == 0
    described = souk.http.get(souk.ops + "/openapi/flash.json").json()
    assert "MAX_PER_USER" in described["paths"]["/order"]["post"]["responses"]["409"]["description"]


def test_a_cancel_gives_the_place_back_once(start_souk, product):
    souk = start_souk(max_per_user=2, cancel_window_seconds=600)
    flash = FlashClient(souk)
    flash.stocked(product, 10)
    confirmed = flash.confirmed(flash.accepted(product, user="anna"))
    with souk.storage.orders_stay_pending():
        pending = flash.accepted(product, user="anna")
        expect(flash.order(product, user="anna"), 409, LIMIT_REACHED)
        expect(flash.cancel(pending), 200, CANCELLED)
        flash.cancel(pending)
        assert places(flash, product) == 1
    eventually(lambda: souk.storage.order_count(product) == 3, 30, "all three orders written")
    expect(flash.cancel(confirmed), 200, CANCELLED)
    flash.cancel(confirmed)
    assert places(flash, product) == 1
    assert flash.stock(product) == 8


def test_a_new_sale_lets_everybody_in_again(start_souk, product):
    souk = start_souk(max_per_user=2, cancel_window_seconds=600)
    flash = FlashClient(souk)
    flash.stocked(product, 10)
    old = flash.accepted(product, user="anna")
    assert places(flash, product) == 1
    flash.stocked(product, 10)
    flash.accepted(product, user="anna")
    expect(flash.cancel(old), 200, CANCELLED)
    assert places(flash, product) == 1
    assert flash.stock(product) == 8


def test_a_restart_remembers_written_waiting_and_cancelled_orders(start_souk, restart, product):
    souk = start_souk(max_per_user=3, cancel_window_seconds=600)
    flash = FlashClient(souk)
    flash.stocked(product, 100)
    flash.confirmed(flash.accepted(product, user="anna"))
    expect(flash.cancel(flash.confirmed(flash.accepted(product, user="anna"))), 200, CANCELLED)
    with souk.storage.orders_stay_pending():
        flash.accepted(product, user="anna")
        expect(flash.cancel(flash.accepted(product, user="anna")), 200, CANCELLED)
        flash.accepted(product, user="bert")
        souk.kill()
    souk.launch()
    assert places(flash, product) == 1
    restart(souk)
    assert places(flash, product) == 0
    assert places(flash, product, "bert") == 2
    eventually(lambda: souk.storage.one(HELD, product, "anna") == 3, 15, "anna's three orders")


def test_it_can_be_turned_on_changed_and_off_between_two_runs(start_souk, restart, product):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked(product, 100)
    for _ in range(5):
        flash.accepted(product, user="anna")
    flash.accepted(product, user="bert")

    restart(souk, max_per_user=2)
    assert places(flash, product) == 0
    assert places(flash, product, "bert") == 1
    restart(souk, max_per_user=7)
    assert places(flash, product) == 2
    restart(souk, max_per_user=0)
    flash.accepted(product, user="anna")


def test_archived_orders_keep_their_places_over_a_restart(start_souk, product):
    souk = start_souk(max_per_user=2)
    flash = FlashClient(souk)
    flash.stocked(product, 100)
    flash.confirmed(flash.accepted(product, user="anna"))
    souk.stop()
    souk.storage.tamper("INSERT INTO orders_archive SELECT * FROM orders")
    souk.storage.tamper("DELETE FROM orders")
    souk.launch()
    assert places(flash, product) == 1


def test_clients_that_come_back_after_kills_hold_no_more_than_they_may(start_souk, product):
    """Many users buy while the program is killed again and again; the same keys are sent until they are answered."""
    souk = start_souk(max_per_user=2)
    flash = FlashClient(souk)
    flash.stocked(product, 1_000)
    users = [f"user-{number}" for number in range(10)]
    for _ in range(4):
        with Crowd(souk.api, 30) as crowd:
            crowd.burst([order_request(product, new_key(), users[n % 10]) for n in range(30)])
        souk.kill()
        souk.launch()
    for user in users:
        assert places(flash, product, user) == 0
        eventually(lambda whose=user: souk.storage.one(HELD, product, whose) == 2, 15, f"{user}'s orders")
