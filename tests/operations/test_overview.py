# The console's overview, its settings and its live channel.
import json
import re
import socket
import time
from contextlib import ExitStack

import jsonschema
import pytest
from openapi_spec_validator import validate
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from support.console import Console
from support.eventually import eventually
from support.flash import FlashClient, new_key

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture
def console(souk):
    return Console(souk)


def route(overview, method, path, service="flash"):
    found = [each for each in overview["traffic"]["routes"]
             if (each["service"], each["method"], each["route"]) == (service, method, path)]
    assert len(found) <= 1
    return found[0] if found else None


def test_it_tells_what_runs_and_where(console, souk, storage):
    overview = console.overview()
    assert re.fullmatch(r"\d+\.\d+\.\d+", overview["version"])
    assert (overview["environment"], overview["state"]) == ("development", "up")
    assert re.fullmatch(TIME, overview["startedAt"]) and re.fullmatch(TIME, overview["now"])
    assert overview["startedAt"] <= overview["now"]
    assert 0 <= overview["uptimeSeconds"] < 600
    assert overview["dataDirectory"] == str(storage.data_dir.resolve())
    assert overview["diskFreeBytes"] > 0 and overview["memoryBytes"] > 1_000_000 and overview["openFiles"] > 5
    service, = overview["services"]
    assert (service["name"], service["state"]) == ("flash", "up")
    assert service["listeners"] == [
        {"name": "api", "address": f"[::]:{souk.api_port}"},
        {"name": "waiting room", "address": f"[::]:{souk.waiting_room_port}"}]
    assert [each["name"] for each in service["dependencies"]] == ["database", "log", "gate"]
    assert {each["state"] for each in service["dependencies"]} == {"up"}
    kind = "SQLite" if storage.kind == "sqlite" else "PostgreSQL"
    assert kind in service["dependencies"][0]["detail"]


def test_every_event_loop_has_its_lag(console):
    def seen():
        loops = console.overview()["loops"]
        names = [loop["name"] for loop in loops]
        assert names[0] == "0" and names[-1] == "background"
        assert all(0 <= loop["lagMs"] < 60_000 for loop in loops)
        return any(loop["lagMs"] > 0 for loop in loops)
    eventually(seen, 10, "a lag is measured")


def test_a_description_names_the_listener_of_each_operation(console):
    document = console.json("/openapi/flash.json")
    assert document["paths"]["/order"]["post"]["x-listener"] == "api"
    assert document["paths"]["/"]["get"]["x-listener"] == "waiting room"
    assert all("x-listener" in operation for path in document["paths"].values() for operation in path.values())


def test_the_listener_describes_itself(console):
    document = console.json("/openapi/operations.json")
    validate(document)
    described = {(method, path) for path, verbs in document["paths"].items() for method in verbs}
    assert {("get", "/"), ("get", "/console/overview"), ("get", "/console/flash"), ("get", "/console/live"),
            ("get", "/console/settings"), ("post", "/console/try"), ("post", "/flash/sales"), ("post", "/login"),
            ("post", "/flash/dead-letters/retry"), ("post", "/backup"), ("get", "/metrics")} <= described


@pytest.mark.parametrize("path", ["/console/overview", "/console/flash", "/console/settings", "/readyz", "/healthz"])
def test_what_is_told_is_what_is_described(console, path):
    operation = console.json("/openapi/operations.json")["paths"][path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(console.get(path).json(), schema, cls=jsonschema.Draft202012Validator)


def test_its_figures_move_when_load_comes(console, flash, product):
    flash.stocked(product, 10_000)

    def moved():
        for _ in range(50):
            flash.order(product)
        overview = console.overview()
        orders = route(overview, "POST", "/order")
        assert orders, "the route is shown"
        assert overview["traffic"]["requestsPerSecond"] > 10 and orders["requestsPerSecond"] > 1
        assert 0 < orders["p50Ms"] <= orders["p99Ms"] < 10_000
        assert overview["traffic"]["errorShare"] == orders["errorShare"] == 0
        assert max(overview["history"]["requestsPerSecond"]) > 10
        return True
    eventually(moved, 15, "requests are counted")


def test_errors_have_their_share(start_embedded):
    console = Console(start_embedded(max_backlog=1))
    flash = FlashClient(console.souk)
    flash.stocked("p", 1_000)
    with console.souk.storage.orders_stay_pending():
        def failed():
            for _ in range(20):
                flash.order("p")
            overview = console.overview()
            orders = route(overview, "POST", "/order")
            return orders and orders["errorShare"] > 0.5 and overview["traffic"]["errorShare"] > 0.3
        eventually(failed, 15, "errors are shown")


def test_quantiles_are_empty_once_nothing_came_for_ten_seconds(start_embedded):
    console = Console(start_embedded())
    FlashClient(console.souk).get("/health")
    eventually(lambda: (route(console.overview(), "GET", "/health") or {}).get("p50Ms"), 5, "it was seen")

    def quiet():
        health = route(console.overview(), "GET", "/health")
        assert health, "a route once asked stays"
        return health["p50Ms"] is None and health["p99Ms"] is None and health["requestsPerSecond"] == 0
    eventually(quiet, 20, "the window is over", pause=0.3)


def test_history_has_one_place_for_each_second(start_embedded):
    console = Console(start_embedded())

    def whole():
        history = console.overview()["history"]
        assert set(history) == {"seconds", "requestsPerSecond", "errorShare", "lagMs", "memoryBytes"}
        assert len({len(column) for column in history.values()}) == 1
        assert history["seconds"] == sorted(history["seconds"])
        assert abs(history["seconds"][-1] - time.time()) < 5
        return len(history["seconds"]) >= 4
    eventually(whole, 10, "some seconds")


class TestSettings:
    def test_they_say_where_each_came_from(self, console, souk):
        rows = {row["name"]: row for row in console.json("/console/settings")["settings"]}
        port = rows["flash.port"]
        assert (port["value"], port["source"]) == (str(souk.api_port), "environment FLASH_PORT")
        assert port["bounds"] and port["help"]
        assert rows["souk.env"]["source"] == "default"
        assert set(port) == {"name", "value", "source", "help", "bounds"}

    def test_secrets_are_masked(self, start_embedded):
        secrets = {"flash_admin_token": "sesam-flash", "souk_admin_token": "sesam-souk"}
        console = Console(start_embedded(**secrets))
        answer = console.get("/console/settings", headers={"Authorization": "Bearer sesam-souk"})
        rows = {row["name"]: row for row in answer.json()["settings"]}
        assert "sesam" not in answer.text
        for name in ("flash.admin_token", "souk.admin_token"):
            assert rows[name]["value"] and rows[name]["source"].startswith("environment")

    def test_the_password_of_a_database_is_masked(self, start_souk, new_storage):
        storage = new_storage()
        if storage.kind != "postgres":
            pytest.skip("SQLite has no password")
        address = storage.url.replace("postgres@", "postgres:geheim@")
        storage.settings["database_url"] = address
        console = Console(start_souk(storage=storage))
        text = console.get("/console/settings").text
        assert "geheim" not in text and "(hidden)" in text

    def test_a_password_in_the_query_of_an_address_is_masked_and_never_logged(self, start_embedded):
        address = "postgres://127.0.0.1:1/shop?user=me&password=geheim&sslpassword=geheim"
        console = Console(start_embedded(database_url=address, wait_for="alive"))
        for path in ("/console/settings", "/console/overview", "/readyz"):
            text = console.get(path).text
            assert text and "geheim" not in text, path
        assert "password=(hidden)&sslpassword=(hidden)" in console.get("/console/settings").text
        logged = eventually(lambda: "PostgreSQL" in console.souk.stderr and console.souk.stderr)
        assert "geheim" not in logged


class TestLive:
    def test_everything_at_once_then_what_is_new(self, console):
        with console.live() as receive:
            first = receive()
            assert set(first) == {"overview", "flash"}
            lengths = {name: len(first[name]["history"]["seconds"]) for name in first}
            assert lengths["overview"] == lengths["flash"] >= 1
            seconds = first["overview"]["history"]["seconds"]
            for _ in range(3):
                message = receive()
                for name, part in message.items():
                    assert {len(column) for column in part["history"].values()} == {1}, name
                seconds += message["overview"]["history"]["seconds"]
            assert seconds == sorted(seconds)
            whole = console.overview()["history"]["seconds"]
            assert [s for s in whole if seconds[0] <= s <= seconds[-1]][-len(seconds):] == seconds

    def test_a_message_comes_every_second(self, console):
        with console.live() as receive:
            receive()
            receive()
            began = time.monotonic()
            for _ in range(3):
                receive()
            assert 2 < time.monotonic() - began < 8

    def test_what_it_tells_is_what_can_be_asked(self, console):
        with console.live() as receive:
            live = receive()
        assert set(live["overview"]) == set(console.overview())
        assert set(live["flash"]) == set(console.flash())

    def test_what_a_watcher_says_is_ignored_unless_it_is_long(self, console):
        url = f"ws://127.0.0.1:{console.souk.ops_port}/console/live"
        with connect(url, proxy=None) as socket:
            for _ in range(50):
                socket.send(json.dumps({"type": new_key()}))
            assert json.loads(socket.recv(timeout=10))["overview"]
            socket.send("x" * 2_000)
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    socket.recv(timeout=10)
            assert closed.value.rcvd.code == 1009

    def test_only_so_many_may_watch(self, start_embedded):
        console = Console(start_embedded())
        with ExitStack() as stack:
            for _ in range(32):
                receive = stack.enter_context(console.live())
                assert receive()
            one_more = stack.enter_context(console.live())
            with pytest.raises(ConnectionClosed) as closed:
                one_more()
            assert closed.value.rcvd.code == 1013
        # Their places are free again.
        def again():
            with console.live() as receive:
                try:
                    return receive()
                except ConnectionClosed:
                    return None
        eventually(again, 10, "a place is free")

    def test_a_watcher_that_does_not_read_is_sent_away(self, start_embedded):
        console = Console(start_embedded())
        for position in range(50):
            console.souk.storage.tamper(
                "INSERT INTO dead_letters (log, position, record, reason) VALUES (?, ?, ?, ?)",
                "log", position, "x" * 20_000, "so that messages are long")
        console.until(lambda f: f["deadLetters"]["total"] == 50, "they are shown")
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        small.connect(("127.0.0.1", console.souk.ops_port))
        with console.live(sock=small, max_queue=1) as slow, console.live() as quick:
            for _ in range(7):  # a megabyte each; two of them may wait
                assert len(quick()["flash"]["deadLetters"]["rows"]) == 50
            with pytest.raises(ConnectionClosed) as closed:
                for _ in range(8):
                    slow()
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "too slow")
            assert quick()["overview"]["state"] == "up"

    def test_the_program_stops_while_somebody_watches(self, start_embedded):
        console = Console(start_embedded())
        with console.live() as receive:
            receive()
            console.souk.stop()
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    receive()
            assert closed.value.rcvd.code == 1001

    def test_without_an_upgrade_there_is_no_answer_to_read(self, console):
        assert console.get("/console/live").status_code == 426


def test_the_page_is_whole_and_guarded(console):
    answer = console.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([0-9a-f]{32})'", policy)[1]
    assert policy == (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert f'nonce="{nonce}"' in answer.text and "{{nonce}}" not in answer.text
    assert console.get("/").headers["content-security-policy"] != policy
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?:https?:)?//", answer.text)
