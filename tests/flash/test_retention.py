# Old orders leave the table of orders: FLASH_ORDERS_KEEP_DAYS, FLASH_ORDERS_ARCHIVE.
import time

import pytest

from support.eventually import eventually
from support.flash import FlashClient
from support.metrics import total

DAY_MS = 86_400_000


def id_of(ms, number):
    """A UUID of version 7 made at that time."""
    digits = f"{ms:012x}7{number:03x}8{number:015x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def add_order(souk, age_days, number, state="confirmed"):
    accepted_at = int(time.time() * 1000) - int(age_days * DAY_MS)
    order = id_of(accepted_at, number)
    souk.storage.tamper(
        "INSERT INTO orders (id, product_id, user_id, accepted_at, updated_at, state, epoch, "
        "idempotency_key, key_hash, key_bucket) VALUES (?, 'p', 'ada', ?, ?, ?, 1, ?, ?, 0)",
        order, accepted_at, accepted_at, state, f"key-{number}", number)
    return order


def ids(souk, table="orders"):
    return {row[0] for row in souk.storage.query(f"SELECT id FROM {table}")}


@pytest.fixture
def old(start_souk):
    """A program that has kept all so far, with orders of several ages; stopped."""
    souk = start_souk()
    orders = {"ancient": add_order(souk, 400, 1), "old": add_order(souk, 31, 2),
              "cancelled": add_order(souk, 31, 3, "cancelled"), "failed": add_order(souk, 31, 4, "failed"),
              "recent": add_order(souk, 29, 5)}
    souk.stop()
    return souk, orders


def test_everything_is_kept_unless_told_otherwise(old):
    souk, orders = old
    souk.restart()
    FlashClient(souk).stocked("p", 1)
    assert ids(souk) == set(orders.values())


@pytest.mark.parametrize("how", ["archive", "delete"])
def test_old_orders_leave_but_never_those_in_reconciliation(old, how):
    souk, orders = old
    souk.settings |= {"orders_keep_days": 30, "orders_archive": how}
    souk.restart()
    kept = {orders["failed"], orders["recent"]}
    eventually(lambda: ids(souk) == kept)
    gone = set(orders.values()) - kept
    assert ids(souk, "orders_archive") == (gone if how == "archive" else set())
    flash = FlashClient(souk)
    if how == "archive":
        assert flash.state(orders["ancient"]) == "confirmed"
        assert flash.state(orders["cancelled"]) == "cancelled"
    else:
        assert flash.status(orders["ancient"]).status_code == 404
    assert flash.state(orders["failed"]) == "failed"
    eventually(lambda: total(flash.get("/metrics").text, "counter", "souk_flash_orders_retired_total") == 3)


def test_an_archived_order_answers_by_its_key(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    flash.stocked("p", 3)
    order = flash.confirmed(flash.accepted("p", "the-key"))
    souk.stop()
    # What the contract's own columns hold is moved; the row is old by its id and time of acceptance.
    accepted_at = int(time.time() * 1000) - 2 * DAY_MS
    old = id_of(accepted_at, 9)
    souk.storage.tamper("UPDATE orders SET id = ?, accepted_at = ? WHERE id = ?", old, accepted_at, order)
    souk.settings["orders_keep_days"] = 1
    souk.restart()
    eventually(lambda: ids(souk, "orders_archive") == {old})
    assert FlashClient(souk).status("the-key").json()["orderId"] == old


def test_many_leave_in_batches_while_orders_are_accepted(start_souk):
    souk = start_souk()
    flash = FlashClient(souk)
    first = int(time.time() * 1000) - 10 * DAY_MS
    values = ", ".join(f"('{id_of(first + n, n)}', 'p', 'ada', {first + n}, {first + n}, 'confirmed')"
                       for n in range(4_500))
    souk.storage.tamper(
        f"INSERT INTO orders (id, product_id, user_id, accepted_at, updated_at, state) VALUES {values}")
    souk.settings |= {"orders_keep_days": 5, "orders_archive": "delete"}
    souk.restart()
    flash.stocked("p", 20)
    orders = {flash.confirmed(flash.accepted("p")) for _ in range(10)}
    eventually(lambda: ids(souk) == orders)
