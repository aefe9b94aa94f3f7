# `souk flash orders|sales|dead-letters`, beside a running program and without one.
import json

import pytest

from support.command import run
from support.flash import FlashClient


def settings_of(souk):
    return {n: v for n, v in souk.environment().items() if n.startswith(("FLASH_", "SOUK_"))}


def listing(souk, *words):
    return run("flash", *words, cwd=souk.owned, env=settings_of(souk), seconds=60)


def rows(souk, *words):
    ended = listing(souk, *words, "--json")
    assert (ended.code, ended.err) == (0, ""), ended
    return json.loads(ended.out)


@pytest.fixture
def sold(start_souk):
    """Two products; of the first one order is cancelled."""
    souk = start_souk(cancel_window_seconds=600)
    flash = FlashClient(souk)
    flash.stocked("a", 5)
    flash.stocked("b", 7)
    orders = [flash.confirmed(flash.accepted(product, user="ünal")) for product in "aab"]
    assert flash.cancel(orders[1]).status_code == 200
    return souk, orders


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_orders_are_listed_newest_first(sold, running):
    souk, orders = sold
    if not running:
        souk.stop()
    found = rows(souk, "orders")
    assert [row["orderId"] for row in found] == orders[::-1]
    assert [row["state"] for row in found] == ["confirmed", "cancelled", "confirmed"]
    assert found[0]["productId"] == "b" and found[0]["userId"] == "ünal" and found[0]["sale"] == 1
    assert found[0]["acceptedAt"] > 0 and not found[0]["archived"]
    if running:
        FlashClient(souk).accepted("a")
    else:
        souk.restart()


def test_orders_can_be_narrowed(sold):
    souk, orders = sold
    assert [row["orderId"] for row in rows(souk, "orders", "--product", "b")] == [orders[2]]
    assert [row["orderId"] for row in rows(souk, "orders", "--state", "cancelled")] == [orders[1]]
    assert [row["orderId"] for row in rows(souk, "orders", "--limit", 1)] == [orders[2]]
    assert rows(souk, "orders", "--product", "none") == []
    assert listing(souk, "orders", "--state", "sold").code == 2
    assert listing(souk, "orders", "--limit", 0).code == 2


def test_sales_are_listed_with_what_became_of_their_orders(sold):
    souk, _ = sold
    found = {row["productId"]: row for row in rows(souk, "sales")}
    assert found["a"] == {"productId": "a", "sale": 1, "stock": 4, "confirmed": 1, "cancelled": 1, "failed": 0}
    assert found["b"] == {"productId": "b", "sale": 1, "stock": 6, "confirmed": 1, "cancelled": 0, "failed": 0}
    FlashClient(souk).stocked("a", 9)
    assert rows(souk, "sales", "--product", "a") == [
        {"productId": "a", "sale": 2, "stock": 9, "confirmed": 0, "cancelled": 0, "failed": 0}]


def test_people_get_tables(sold):
    souk, orders = sold
    shown = listing(souk, "orders").out.splitlines()
    assert shown[0].startswith("ORDER") and shown[1].startswith(orders[2]) and len(shown) == 4
    assert listing(souk, "sales").out.splitlines()[0].startswith("PRODUCT")
    assert listing(souk, "dead-letters").out == "No dead letters.\n"


def bury(souk, position, record, reason="the database refused it"):
    souk.storage.tamper("INSERT INTO dead_letters (log, position, record, reason) VALUES (?, ?, ?, ?)",
                        "log", position, record, reason)


ID = "01890000-0000-7000-8000-000000000001"
RECORD = f"order {ID} product a user key epoch 7 key k-1 epoch 1 accepted_at 1700000000000"


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_a_dead_letter_is_listed_and_tried_again(start_souk, running):
    souk = start_souk()
    FlashClient(souk).stocked("a", 5)
    bury(souk, 41, RECORD)
    bury(souk, 42, "the order id is no UUID: 1 2 3", "cannot be read")
    found = rows(souk, "dead-letters")
    assert {row["position"]: row["reason"] for row in found} == {
        41: "the database refused it", 42: "cannot be read"}
    assert [row["position"] for row in rows(souk, "dead-letters", "--product", "a")] == [41]
    if not running:
        souk.stop()

    ended = listing(souk, "dead-letters", "--retry", 41)
    assert ended.code == 0, ended
    assert souk.storage.query("SELECT product_id, user_id, idempotency_key, state, epoch FROM orders "
                              "WHERE id = ?", ID) == [("a", "key epoch 7", "k-1", "confirmed", 1)]
    assert [row["position"] for row in rows(souk, "dead-letters")] == [42]

    ended = listing(souk, "dead-letters", "--retry", 42)
    assert ended.code == 1 and "by hand" in ended.err
    ended = listing(souk, "dead-letters", "--retry", 41)
    assert ended.code == 1, "it is gone"
    if not running:
        souk.restart()
    status = FlashClient(souk).status(ID).json()
    assert (status["state"], status["acceptedAt"]) == ("confirmed", 1700000000000)


def test_a_cancelled_order_stays_cancelled_when_it_is_tried_again(start_souk):
    souk = start_souk()
    bury(souk, 1, RECORD + " cancelled_at 1700000005000")
    assert listing(souk, "dead-letters", "--retry", 1).code == 0
    assert souk.storage.query("SELECT state, updated_at FROM orders") == [("cancelled", 1700000005000)]


def test_what_the_database_refuses_again_stays(start_embedded):
    souk = start_embedded()
    souk.storage.tamper("CREATE TRIGGER no_a BEFORE INSERT ON orders WHEN NEW.product_id = 'a' "
                        "BEGIN SELECT RAISE(ABORT, 'no a'); END")
    bury(souk, 5, RECORD)
    ended = listing(souk, "dead-letters", "--retry", 5)
    assert ended.code == 1 and "no a" in ended.err
    assert len(rows(souk, "dead-letters")) == 1
    souk.storage.tamper("DROP TRIGGER no_a")
    assert listing(souk, "dead-letters", "--retry", 5).code == 0


def test_a_token_of_the_operations_listener_is_needed_and_used(start_embedded):
    souk = start_embedded(souk_admin_token="geheim")
    bury(souk, 5, RECORD)
    without = souk.http.post(souk.ops + "/flash/dead-letters/retry", json={"position": 5})
    assert without.status_code == 401
    for wrong in ({}, {"SOUK_ADMIN_TOKEN": "wrong"}):
        env = settings_of(souk) | {"SOUK_ADMIN_TOKEN": ""} | wrong
        ended = run("flash", "dead-letters", "--retry", 5, cwd=souk.owned, env=env)
        assert ended.code == 1 and "SOUK_ADMIN_TOKEN" in ended.err
    ended = listing(souk, "dead-letters", "--retry", 5)
    assert ended.code == 0, ended


def test_no_data_is_exit_code_3_and_leaves_none(tmp_path):
    for words in (["orders"], ["sales"], ["dead-letters"]):
        ended = run("flash", *words, cwd=tmp_path, data_dir=tmp_path / "none")
        assert ended.code == 3 and "--data-dir" in ended.err
    assert list(tmp_path.iterdir()) == []
