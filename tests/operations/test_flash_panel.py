# flash in the console: its figures agree with the contract's answers and the database, and people can act.
import re
import time
from datetime import datetime, timezone

import pytest

from support.console import Console, refused
from support.eventually import eventually
from support.flash import CANCELLED, FlashClient, new_key

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
ID = "01890000-0000-7000-8000-000000000001"
RECORD = f"order {ID} product a user key epoch 7 key k-1 epoch 1 accepted_at 1700000000000"


@pytest.fixture
def console(souk):
    return Console(souk)


def bury(storage, position, record=RECORD, reason="the database refused it"):
    storage.tamper("INSERT INTO dead_letters (log, position, record, reason) VALUES (?, ?, ?, ?)",
                   "log", position, record, reason)


def ms_of(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp() * 1000


def test_a_sale_agrees_with_its_inventory_and_the_database(console, flash, storage, product):
    flash.stocked(product, 8)
    before = console.flash()["totals"]
    key = new_key()
    orders = [flash.accepted(product, key), *(flash.accepted(product) for _ in range(7))]
    for _ in range(3):
        flash.order(product, key)
    for _ in range(2):
        assert flash.order(product).status_code == 409
    for order in orders:
        flash.confirmed(order)

    def agrees():
        figures = console.flash()
        sale = console.sale(product)
        assert (sale["sale"], sale["quantity"], sale["left"]) == (1, 8, flash.stock(product)) == (1, 8, 0)
        assert (sale["accepted"], sale["duplicates"], sale["soldOut"]) == (8, 3, 2)
        grown = {name: count - before[name] for name, count in figures["totals"].items()}
        assert grown == {"accepted": 8, "duplicates": 3, "soldOut": 2, "overLimit": 0, "failed": 0}
        return True
    eventually(agrees, 10, "the figures agree")
    assert storage.order_count(product) == 8


def test_the_latest_change_comes_first_and_all_are_counted(start_embedded):
    console = Console(start_embedded())
    flash = FlashClient(console.souk)
    for number in range(205):
        flash.stocked(f"p{number}", 5)
    flash.accepted("p3")
    found = console.until(lambda f: f["salesTotal"] == 205 and f["sales"][0]["productId"] == "p3", "p3 is first")
    assert len(found["sales"]) == 200
    assert [sale["productId"] for sale in found["sales"][1:4]] == ["p204", "p203", "p202"]


def test_what_happens_is_told_by_the_second(console, flash, product):
    flash.stocked(product, 10_000)

    def moving():
        for _ in range(20):
            flash.order(product)
        figures = console.flash()
        return figures["perSecond"]["accepted"] > 5 and console.sale(product)["acceptedPerSecond"] > 5
    eventually(moving, 15, "rates are shown")

    def still():
        figures = console.flash()
        history = figures["history"]
        assert set(history) == {"seconds", "accepted", "duplicates", "soldOut", "overLimit", "backlog"}
        assert len({len(column) for column in history.values()}) == 1
        assert max(history["accepted"]) > 5
        return figures["perSecond"]["accepted"] == 0
    eventually(still, 10, "and fall again")


def test_who_is_over_the_limit_is_counted(start_embedded):
    console = Console(start_embedded(rate_limit_rps=1))
    flash = FlashClient(console.souk)
    sent = [flash.order("nothing").status_code for _ in range(5)]
    assert sent.count(302) >= 3
    console.until(lambda f: f["totals"]["overLimit"] == sent.count(302), "redirects are counted")


def test_a_cancelled_order_was_accepted_all_the_same(start_souk):
    console = Console(start_souk(cancel_window_seconds=60))
    flash = FlashClient(console.souk)
    flash.stocked("p", 5)
    order = flash.confirmed(flash.accepted("p"))
    flash.accepted("p")
    assert flash.cancel(order).text == CANCELLED
    found = console.until(lambda f: f["sales"] and f["sales"][0]["left"] == 4, "the unit is back")
    assert (found["sales"][0]["accepted"], flash.stock("p")) == (2, 4)


def test_after_a_restart_the_quantity_is_still_known(start_souk):
    console = Console(start_souk())
    flash = FlashClient(console.souk)
    flash.stocked("p", 5)
    flash.confirmed(flash.accepted("p"))
    console.souk.restart()
    sale = console.sale("p")
    assert (sale["sale"], sale["quantity"], sale["left"], sale["accepted"]) == (1, 5, 4, 0)


class TestLateOrders:
    def test_they_are_shown_while_the_database_is_down(self, start_souk):
        souk = start_souk()
        console, flash, storage = Console(souk), FlashClient(souk), souk.storage
        flash.stocked("p", 100)
        flash.confirmed(flash.accepted("p"))
        with storage.orders_stay_pending():
            orders = [flash.accepted("p", user=f"user {i}") for i in range(25)]
            assert console.flash()["late"] == {"orders": 0, "oldest": []}
            found = console.until(lambda f: f["late"]["orders"] == 25, "all of them are late")
            assert found["backlog"]["orders"] == 25 and found["backlog"]["ageSeconds"] >= 5
            oldest = found["late"]["oldest"]
            assert [each["orderId"] for each in oldest] == orders[:20]
            assert {each["productId"] for each in oldest} == {"p"}
            assert [each["userId"] for each in oldest] == [f"user {i}" for i in range(20)]
            assert all(re.fullmatch(TIME, each["acceptedAt"]) for each in oldest)
            assert abs(ms_of(oldest[0]["acceptedAt"]) - flash_accepted_at(flash, orders[0])) < 2
            if storage.kind == "postgres":
                self.says_what_is_the_matter(console)
        found = console.until(lambda f: f["late"]["orders"] == 0, "they are written")
        assert found["backlog"] == {"orders": 0, "ageSeconds": 0}
        assert storage.order_count("p") == 26
        eventually(lambda: console.overview()["state"] == "up", 15, "all is well again")

    @staticmethod
    def says_what_is_the_matter(console):
        overview = eventually(
            lambda: (found := console.overview())["state"] == "degraded" and found, 15, "it is degraded")
        service = overview["services"][0]
        assert service["state"] == "down"
        database = service["dependencies"][0]
        assert (database["name"], database["state"]) == ("database", "down")
        assert "does not answer" in database["detail"]


def flash_accepted_at(flash, order):
    return flash.status(order).json()["acceptedAt"]


class TestDeadLetters:
    def test_one_is_shown_and_tried_again(self, start_souk):
        souk = start_souk()
        console = Console(souk)
        FlashClient(souk).stocked("a", 5)
        console.until(lambda f: f["deadLetters"] == {"total": 0, "rows": []}, "it is known that there is none")
        bury(souk.storage, 41)
        found = console.until(lambda f: f["deadLetters"]["total"] == 1, "it is shown")
        row, = found["deadLetters"]["rows"]
        assert {name: row[name] for name in ("log", "position", "reason", "record")} == {
            "log": "log", "position": 41, "reason": "the database refused it", "record": RECORD}
        assert re.fullmatch(TIME, row["createdAt"]) and abs(ms_of(row["createdAt"]) / 1000 - time.time()) < 60

        answer = console.post("/flash/dead-letters/retry", {"position": 41})
        assert answer.json() == {"written": 1, "unreadable": 0, "refusal": ""}
        console.until(lambda f: f["deadLetters"]["total"] == 0, "it is gone")
        assert FlashClient(souk).state(ID) == "confirmed"
        refused(console.post("/flash/dead-letters/retry", {"position": 41}), 404)

    def test_the_newest_fifty_are_shown_and_all_are_counted(self, start_embedded):
        souk = start_embedded()
        for position in range(1, 61):
            bury(souk.storage, position)
        found = Console(souk).until(lambda f: f["deadLetters"]["total"] == 60, "all are counted")
        assert [row["position"] for row in found["deadLetters"]["rows"]] == list(range(60, 10, -1))


class TestSales:
    def test_one_is_started_and_reset(self, console, flash, product):
        answer = console.post("/flash/sales", {"productId": product, "quantity": 3})
        assert answer.json() == {"productId": product, "quantity": 3}
        assert flash.stock(product) == 3
        flash.accepted(product)
        assert console.post("/flash/sales", {"productId": product, "quantity": 0}).status_code == 200
        assert flash.stock(product) == 0
        sale = eventually(lambda: (s := console.sale(product))["sale"] == 2 and s, 10, "the second sale")
        assert (sale["quantity"], sale["left"], sale["accepted"]) == (0, 0, 0)

    def test_the_token_of_the_api_is_not_asked_for(self, start_embedded):
        console = Console(start_embedded(flash_admin_token="geheim"))
        assert console.post("/flash/sales", {"productId": "p", "quantity": 3}).status_code == 200

    def test_nothing_starts_while_the_database_is_down(self, start_souk):
        souk = start_souk()
        if souk.storage.kind == "sqlite":
            pytest.skip("SQLite in the data directory does not go away")
        with souk.storage.orders_stay_pending():
            refused(Console(souk).post("/flash/sales", {"productId": "p", "quantity": 3}), 503)


BAD_SALES = [
    {}, {"productId": "p"}, {"quantity": 1}, {"productId": "", "quantity": 1}, {"productId": "a b", "quantity": 1},
    {"productId": "p" * 129, "quantity": 1}, {"productId": "ü", "quantity": 1}, {"productId": 1, "quantity": 1},
    {"productId": None, "quantity": 1}, {"productId": "p", "quantity": -1}, {"productId": "p", "quantity": 1.5},
    {"productId": "p", "quantity": "1"}, {"productId": "p", "quantity": True}, {"productId": "p", "quantity": None},
    {"productId": "p", "quantity": 2_147_483_648}, {"productId": "p", "quantity": 10**30}, [], "text", 1, None]
BAD_RETRIES = [{}, {"position": "1"}, {"position": 1.5}, {"position": None}, {"position": 10**30}, [], 7]


@pytest.mark.parametrize("body", BAD_SALES, ids=str)
def test_a_bad_sale_is_refused_in_words(console, body):
    refused(console.post("/flash/sales", body), 400)


@pytest.mark.parametrize("body", BAD_RETRIES, ids=str)
def test_a_bad_retry_is_refused_in_words(console, body):
    refused(console.post("/flash/dead-letters/retry", body), 400)


@pytest.mark.parametrize("path", ["/flash/sales", "/flash/dead-letters/retry", "/console/try", "/backup"])
def test_what_is_no_json_is_refused(console, path):
    def send(content, kind="application/json"):
        return console.souk.http.post(console.souk.ops + path, content=content, headers={"Content-Type": kind})
    for content in (b"", b"{", b"\xff\xfe", b"nonsense", b"{}{}", b"[" * 5_000):
        refused(send(content), 400)
    refused(send(b"{}", "text/plain"), 415)
    refused(send(b"productId=p&quantity=1", "application/x-www-form-urlencoded"), 415)
    refused(send(b'{"x":"' + b"x" * 2_000_000 + b'"}'), 413)


@pytest.mark.parametrize("path", ["/console/nothing", "/console", "/flash", "/openapi/nothing.json", "/openapi/",
                                  "/console/flash/x", "/%00", "/..%2f"])
def test_what_is_not_there_is_a_404(console, path):
    refused(console.get(path), 404)


def test_another_method_is_refused(console):
    refused(console.post("/console/overview", {}), 405)
    refused(console.get("/flash/sales"), 405)
    refused(console.get("/logout"), 405)
