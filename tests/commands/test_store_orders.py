# `souk store orders list` and `resend`: confirmations that were given up, and another try, beside a running program
# and without one.
import json

import pytest

from support.eventually import eventually
from support.store import ORDERED, data_of


@pytest.fixture(params=[True, False], ids=["running", "stopped"])
def running(request):
    """Whether the program runs beside the command."""
    return request.param


def placed(shop, quantity=1):
    """An order; gives its buyer and what the contract says of it."""
    who = shop.caller()
    shop.add(who, shop.product(price=250, stock=5)["id"], quantity)
    return who, data_of(shop.checkout(who), 200, ORDERED)


def listed(shop, *words):
    ended = shop.souk.command("store", "orders", "list", "--json", *words)
    assert (ended.code, ended.err) == (0, ""), ended
    return json.loads(ended.out)


def resent(shop, *words):
    return shop.souk.command("store", "orders", "resend", *words)


def states(shop):
    return [row["confirmation"] for row in listed(shop)]


def give_up(shop, smtp, quantity=1):
    """An order whose confirmation is refused until it is given up."""
    smtp.mood = "refuses for good"
    who, order = placed(shop, quantity)

    def is_given_up():
        shop.souk.storage.tamper("UPDATE jobs SET due_at_ms = 0 WHERE state = 'waiting' AND lease_owner IS NULL")
        shop.contacted(website="https://spam.example")  # not stored, but the program looks at its jobs
        return listed(shop)[0]["confirmation"] == "failed"

    eventually(is_given_up, 30, "the confirmation is given up")
    smtp.mood = "takes"
    return who, order


def mails_to(smtp, who):
    return [mail for mail in list(smtp.mails) if who.email in mail.recipients[0]]


def test_orders_are_listed_newest_first_with_what_became_of_their_mail(start_store, smtp, running):
    shop = start_store(store_checkout=1, **smtp.settings)
    _, first = placed(shop)
    eventually(lambda: states(shop) == ["settled"], 15, "the first is confirmed")
    who, second = give_up(shop, smtp, quantity=3)
    if not running:
        shop.souk.stop()
    rows = listed(shop)
    assert [row["orderId"] for row in rows] == [second["order_id"], first["order_id"]]
    shown = rows[0]
    assert (shown["email"], shown["totalAmount"], shown["itemCount"]) == (who.email, 750, 3)
    assert (shown["confirmation"], shown["attempts"]) == ("failed", 5)
    assert "550 5.1.1 no such user here" in shown["lastError"]
    assert shown["createdAt"][:19] == second["created_at"][:19]
    assert (rows[1]["confirmation"], rows[1]["attempts"], rows[1]["lastError"]) == ("settled", 0, "")
    assert [row["orderId"] for row in listed(shop, "--limit", "1")] == [second["order_id"]]
    assert [row["orderId"] for row in listed(shop, "--state", "settled")] == [first["order_id"]]
    assert listed(shop, "--state", "pending") == []
    table = shop.souk.command("store", "orders", "list").out
    assert who.email in table and "failed" in table
    if not running:
        shop.souk.launch()


def test_a_confirmation_that_was_given_up_is_sent_again(start_store, smtp, running):
    shop = start_store(store_checkout=1, **smtp.settings)
    who, order = give_up(shop, smtp)
    if not running:
        shop.souk.stop()
    ended = resent(shop, order["order_id"])
    assert ended.code == 0 and "1" in ended.out, ended
    if not running:
        assert states(shop) == ["pending"]
        assert resent(shop, order["order_id"]).code == 1, "it is on its way already"
        shop.souk.launch()
    eventually(lambda: states(shop) == ["settled"], 15, "it is sent")
    mail, = mails_to(smtp, who)
    assert str(order["order_id"]) in mail.message["subject"]


def test_all_that_were_given_up_are_sent_again_at_once(start_embedded_store, smtp):
    shop = start_embedded_store(store_checkout=1, **smtp.settings)
    buyers = [give_up(shop, smtp)[0] for _ in range(2)]
    ended = resent(shop, "--failed", "--json")
    assert (ended.code, json.loads(ended.out)) == (0, {"queued": 2}), ended
    eventually(lambda: states(shop) == ["settled"] * 2, 15, "both are sent")
    assert [len(mails_to(smtp, who)) for who in buyers] == [1, 1]
    assert json.loads(resent(shop, "--failed", "--json").out) == {"queued": 0}


def test_one_that_has_arrived_can_be_sent_once_more_and_is_no_repeated_mail(start_embedded_store, smtp):
    shop = start_embedded_store(store_checkout=1, **smtp.settings)
    who, order = placed(shop)
    eventually(lambda: mails_to(smtp, who) and states(shop) == ["settled"], 15, "it is sent")
    assert resent(shop, order["order_id"]).code == 0
    eventually(lambda: len(mails_to(smtp, who)) == 2 and states(shop) == ["settled"], 15, "it is sent again")
    first, second = (mail.message["message-id"] for mail in mails_to(smtp, who))
    assert first != second


def test_an_order_from_before_there_was_mail_can_be_confirmed(start_embedded_store, smtp):
    shop = start_embedded_store(store_checkout=1)
    who, order = placed(shop)
    assert states(shop) == ["settled"]
    for ended in (resent(shop, order["order_id"]), resent(shop, "--failed")):
        assert ended.code == 3 and "SMTP_HOST" in ended.err and ended.out == "", ended
    shop.souk.stop()
    ended = resent(shop, order["order_id"])
    assert ended.code == 1 and "SMTP_HOST" in ended.err, ended
    shop.souk.settings |= smtp.settings
    shop.souk.launch()
    assert resent(shop, order["order_id"]).code == 0
    eventually(lambda: len(mails_to(smtp, who)) == 1, 15, "it is sent")


def test_an_unknown_order_cannot_be_confirmed(start_embedded_store, smtp, running):
    shop = start_embedded_store(store_checkout=1, **smtp.settings)
    assert listed(shop) == [] and "No orders" in shop.souk.command("store", "orders", "list").out
    if not running:
        shop.souk.stop()
    ended = resent(shop, 999)
    assert ended.code == 1 and "999" in ended.err and ended.out == ""
    if not running:
        shop.souk.launch()


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["resend", "--failed"], ["resend", "1"]], ids=" ".join)
def test_without_checkout_it_is_said_plainly(start_embedded_store, words):
    ended = start_embedded_store().souk.command("store", "orders", *words)
    assert ended.code == 1 and ended.out == ""
    assert "checkout is off" in ended.err and "STORE_CHECKOUT=1" in ended.err
