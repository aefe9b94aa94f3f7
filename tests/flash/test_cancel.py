# POST /cancel: spec/flash.md section 7.4.
import pytest

from support.eventually import eventually
from support.flash import (CANCELLED, CANCELLED_ALREADY, DUPLICATE, NOT_CANCELLABLE, ORDER_NOT_FOUND,
                           SUCCESS, FlashClient, expect, new_key)

INVALID_ID = '{"error":"Invalid order id"}'


@pytest.fixture
def pending(souk, flash, storage, product):
    """A product with 5 units, of which alice's pending order holds one; pending as long as wanted."""
    flash.stocked(product, 5)
    # Nothing else may be on its way when the database is taken away.
    flash.confirmed(flash.accepted(flash.stocked(product + "-before", 1)))
    key = new_key()
    with storage.orders_stay_pending():
        order = flash.accepted(product, key, user="alice")
        yield order, key
    souk.wait_until("/readyz")


def settled(flash, product):
    """Waits until the worker has passed everything accepted so far."""
    marker = flash.stocked(product + "-marker", 1)
    flash.confirmed(flash.accepted(marker), 30)


@pytest.mark.parametrize("by_key", [False, True], ids=["by id", "by key"])
def test_a_pending_order_is_cancelled_and_its_unit_is_back_before_the_answer(
        flash, pending, product, by_key):
    order, key = pending
    assert flash.stock(product) == 4
    expect(flash.cancel(key if by_key else order), 200, CANCELLED)
    assert flash.stock(product) == 5
    status = flash.status(order).json()
    assert status["state"] == "cancelled" and status["updatedAt"] >= status["acceptedAt"]


def test_a_repeated_cancel_is_ignored_and_returns_no_second_unit(flash, pending, product):
    order, key = pending
    expect(flash.cancel(order), 200, CANCELLED)
    for name in (order, key, order):
        expect(flash.cancel(name), 200, CANCELLED_ALREADY)
    assert flash.stock(product) == 5


@pytest.mark.parametrize("body", [{"userId": "alice"}, {}, {"reason": "changed my mind"}])
def test_a_body_with_the_right_user_or_none_is_accepted(flash, pending, body):
    expect(flash.cancel(pending[0], json=body), 200, CANCELLED)


@pytest.mark.parametrize("user", ["bob", "", "Alice", "alice "])
def test_another_user_cannot_cancel_and_does_not_learn_that_the_order_exists(
        flash, pending, product, user):
    expect(flash.cancel(pending[0], json={"userId": user}), 404, ORDER_NOT_FOUND)
    assert flash.stock(product) == 4
    assert flash.state(pending[0]) == "pending"


def test_a_malformed_body_is_a_400_and_cancels_nothing(flash, pending):
    answer = flash.cancel(pending[0], content="{", headers={"content-type": "application/json"})
    expect(answer, 400, '{"error":"Invalid JSON"}')
    assert flash.state(pending[0]) == "pending"


def test_the_key_of_a_cancelled_order_stays_used(flash, pending, product):
    order, key = pending
    expect(flash.cancel(order), 200, CANCELLED)
    answer = expect(flash.order(product, key), 200, DUPLICATE)
    assert answer.headers["x-order-id"] == order
    assert flash.stock(product) == 5


def test_a_returned_unit_can_be_bought_by_somebody_else(flash, pending, product):
    for _ in range(4):
        flash.accepted(product)
    assert flash.order(product).status_code == 409
    expect(flash.cancel(pending[0]), 200, CANCELLED)
    expect(flash.order(product), 200, SUCCESS)
    assert flash.order(product).status_code == 409


def test_a_cancelled_order_never_becomes_a_confirmed_row(souk, flash, storage, product):
    flash.stocked(product, 5)
    flash.confirmed(flash.accepted(flash.stocked(product + "-before", 1)))
    with storage.orders_stay_pending():
        cancelled, kept = flash.accepted(product), flash.accepted(product)
        expect(flash.cancel(cancelled), 200, CANCELLED)
    souk.wait_until("/readyz")

    flash.confirmed(kept, 30)
    settled(flash, product)
    assert flash.state(cancelled) == "cancelled"
    rows = storage.query("SELECT state FROM orders WHERE id = ?", cancelled)
    assert rows in ([], [("cancelled",)])
    assert flash.stock(product) == storage.product_stock(product) == 4


def test_a_cancelled_order_is_still_cancelled_after_a_crash(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 5)
    key = new_key()
    with souk.storage.orders_stay_pending():
        order = flash.accepted("p", key)
        expect(flash.cancel(order), 200, CANCELLED)
        souk.kill()
    souk.restart()
    assert flash.state(order) == "cancelled"
    expect(flash.cancel(order), 200, CANCELLED_ALREADY)
    expect(flash.order("p", key), 200, DUPLICATE)
    settled(flash, "p")
    assert flash.stock("p") == souk.storage.product_stock("p") == 5


@pytest.mark.parametrize("by_key", [False, True], ids=["by id", "by key"])
def test_a_confirmed_order_cannot_be_cancelled(flash, product, by_key):
    key = new_key()
    flash.stocked(product, 5)
    order = flash.confirmed(flash.accepted(product, key, user="alice"))
    for body in (None, {"userId": "alice"}):
        expect(flash.cancel(key if by_key else order, json=body), 409, NOT_CANCELLABLE)
    expect(flash.cancel(order, json={"userId": "bob"}), 404, ORDER_NOT_FOUND)
    assert flash.stock(product) == 4
    assert flash.state(order) == "confirmed"


@pytest.mark.parametrize("order", ["018d0000-0000-7000-8000-000000000000", "unknown", "x" * 255])
def test_an_unknown_order_is_a_404(flash, order):
    expect(flash.cancel(order), 404, ORDER_NOT_FOUND)


@pytest.mark.parametrize("order", ["x" * 256, "a%00b", "%7f"])
def test_an_invalid_id_is_a_400(flash, order):
    expect(flash.cancel(order), 400, INVALID_ID)


# CANCEL_WINDOW_SECONDS extends cancelling to confirmed orders.

def test_within_the_window_a_confirmed_order_is_cancelled_and_its_row_kept(start_souk):
    souk = start_souk(cancel_window_seconds=3600)
    flash, storage = FlashClient(souk), souk.storage
    flash.stocked("p", 5)
    order = flash.confirmed(flash.accepted("p"))
    expect(flash.cancel(order), 200, CANCELLED)
    assert flash.stock("p") == 5
    expect(flash.cancel(order), 200, CANCELLED_ALREADY)
    eventually(lambda: storage.query("SELECT state FROM orders WHERE id = ?", order) == [("cancelled",)])
    eventually(lambda: storage.product_stock("p") == 5)
    assert flash.stock("p") == 5


def test_a_unit_returned_after_the_next_init_is_dropped(start_souk):
    souk = start_souk(cancel_window_seconds=3600)
    flash, storage = FlashClient(souk), souk.storage
    flash.stocked("p", 5)
    order = flash.confirmed(flash.accepted("p"))
    flash.stocked("p", 2)
    expect(flash.cancel(order), 200, CANCELLED)
    assert flash.stock("p") == 2
    settled(flash, "p")
    assert storage.product_stock("p") == 2


@pytest.mark.slow
def test_after_the_window_a_confirmed_order_cannot_be_cancelled(start_souk):
    souk = start_souk(cancel_window_seconds=1)
    flash = FlashClient(souk)
    flash.stocked("p", 5)
    order = flash.confirmed(flash.accepted("p"))
    # The program's own clock tells when the window has passed: in the time of a later order.
    accepted_at = flash.status(order).json()["acceptedAt"]
    eventually(lambda: flash.status(flash.confirmed(flash.accepted(flash.stocked("clock", 1))))
               .json()["acceptedAt"] > accepted_at + 2500, 20)
    expect(flash.cancel(order), 409, NOT_CANCELLABLE)
