# From the log into the database: spec/flash.md section 5 with decisions F11 and F12.
import datetime
import time

import pytest

from support.eventually import eventually
from support.flash import ORDER_FAILED, FlashClient, expect, new_key
from support.metrics import total


def test_an_accepted_order_becomes_one_row_and_takes_one_unit_of_the_product_row(flash, storage, product):
    flash.stocked(product, 10)
    order = flash.accepted(product, user="user-12345")
    flash.confirmed(order)
    rows = storage.query("SELECT id, product_id, user_id FROM orders WHERE product_id = ?", product)
    assert rows == [(order, product, "user-12345")]
    assert storage.product_stock(product) == 9


@pytest.mark.parametrize("column", [
    "id", "product_id", "user_id", "created_at", "accepted_at", "state", "epoch",
])
def test_every_column_of_the_orders_table_is_filled(flash, storage, product, column):
    flash.stocked(product, 1)
    flash.confirmed(flash.accepted(product))
    assert storage.one(f"SELECT {column} FROM orders WHERE product_id = ?", product) is not None


def test_the_state_of_a_persisted_order_is_confirmed_in_the_row_as_well(flash, storage, product):
    flash.stocked(product, 1)
    flash.confirmed(flash.accepted(product))
    assert storage.one("SELECT state FROM orders WHERE product_id = ?", product) == "confirmed"


def test_accepted_at_is_the_moment_of_acceptance_in_unix_milliseconds(flash, storage, product):
    flash.stocked(product, 1)
    order = flash.confirmed(flash.accepted(product))
    accepted_at = storage.one("SELECT accepted_at FROM orders WHERE id = ?", order)
    assert accepted_at == flash.status(order).json()["acceptedAt"]
    assert abs(time.time() * 1000 - accepted_at) < 60_000


def test_created_at_is_the_moment_of_persistence_in_utc(flash, storage, product):
    flash.stocked(product, 1)
    order = flash.confirmed(flash.accepted(product))
    created_at = storage.one("SELECT created_at FROM orders WHERE id = ?", order)
    if isinstance(created_at, str):
        created_at = datetime.datetime.fromisoformat(created_at)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert abs(now - created_at) < datetime.timedelta(minutes=1)


def test_the_documented_verification_queries_work(flash, storage):
    flash.stocked("iphone-15", 4)
    for _ in range(4):
        flash.accepted("iphone-15")
    eventually(lambda: storage.query(
        "SELECT COUNT(*) FROM orders WHERE product_id = 'iphone-15'") == [(4,)])
    assert storage.query("SELECT stock FROM products WHERE id = 'iphone-15'") == [(0,)]
    assert storage.query("SELECT * FROM dead_letters") == []


def test_every_product_is_persisted_and_not_only_a_preseeded_one(flash, storage, product):
    names = [f"{product}-{n}" for n in range(5)]
    for name in names:
        flash.stocked(name, 3)
    for name in names * 3:
        flash.accepted(name)
    for name in names:
        eventually(lambda: storage.order_count(name) == 3 and storage.product_stock(name) == 0)


def test_at_rest_the_initial_stock_is_the_gate_plus_the_persisted_orders(flash, storage, product):
    flash.stocked(product, 100)
    for _ in range(37):
        flash.accepted(product)
    eventually(lambda: storage.order_count(product) == 37)
    assert flash.stock(product) == storage.product_stock(product) == 63


@pytest.mark.parametrize("damage", [
    "UPDATE products SET stock = 0 WHERE id = ?",
    "DELETE FROM products WHERE id = ?",
], ids=["row at zero", "row missing"])
def test_an_order_without_a_unit_in_the_product_row_is_kept_for_reconciliation(
        flash, storage, product, damage):
    flash.stocked(product, 5)
    eventually(lambda: storage.query("SELECT stock FROM products WHERE id = ?", product) == [(5,)])
    storage.tamper(damage, product)

    order = flash.accepted(product)

    eventually(lambda: flash.state(order) == "failed")
    assert storage.query("SELECT id, state FROM orders WHERE product_id = ?", product) == [(order, "failed")]
    assert total(flash.get("/metrics").text, "counter", "fail", "reconcil") >= 1
    # The worker is not held up by it.
    other = flash.stocked(product + "-other", 1)
    flash.confirmed(flash.accepted(other))


def test_the_backlog_is_shown_and_goes_back_to_zero(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 100)
    with souk.storage.orders_stay_pending():
        for _ in range(25):
            flash.accepted("p", new_key())
        assert total(flash.get("/metrics").text, "gauge", "backlog_orders") == 25
    eventually(lambda: total(flash.get("/metrics").text, "gauge", "backlog_orders") == 0, 20)
    assert souk.storage.order_count("p") == 25


@pytest.mark.slow
def test_orders_beyond_the_backlog_are_refused_and_lose_no_unit(start_souk):
    souk = start_souk(max_backlog=20)
    flash = FlashClient(souk)
    flash.stocked("p", 100)
    orders, refused = [], [new_key() for _ in range(5)]
    with souk.storage.orders_stay_pending():
        orders = [flash.accepted("p") for _ in range(20)]
        for key in refused:
            expect(flash.order("p", key), 500, ORDER_FAILED)
        assert flash.stock("p") == 80
        assert all(flash.state(order) == "pending" for order in orders)
        # With the database away nobody can say that a key was never used, so 500 is honest as well.
        assert all(flash.status(key).status_code in (404, 500) for key in refused)

    for order in orders:
        flash.confirmed(order, 30)
    # As the contract tells clients: the same key again.
    for key in refused:
        flash.confirmed(flash.accepted("p", key))
    assert flash.stock("p") == 75
    eventually(lambda: souk.storage.product_stock("p") == 75)
    assert souk.storage.order_count("p") == 25
