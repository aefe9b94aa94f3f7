"""What happens at the limits of requests in flight and of file descriptors, and that it passes."""

from __future__ import annotations

import contextlib
import os
import resource
import time
import urllib.request
from collections.abc import Iterator

import pytest

from support.eventually import eventually
from support.flash_requests import init, init_request, order_request, stock
from support.metrics import families
from support.raw_http import Connection, ask, request_bytes
from support.souk import Souk

HEALTH = request_bytes("GET", "/health")
HEALTHZ = request_bytes("GET", "/healthz", host="localhost")
OPERATIONS_MAX = 256  # connections to the operations listener


def in_flight_now(souk: Souk) -> float:
    with urllib.request.urlopen(souk.ops + "/metrics") as answer:
        text = answer.read().decode()
    (family,) = (each for each in families(text) if each.name == "souk_http_requests_in_flight")
    return family.samples[0].value


@contextlib.contextmanager
def one_in_flight(souk: Souk, product: str) -> Iterator[Connection]:
    """A new sale that is being started: it waits for the database, in which somebody else writes."""
    with souk.storage.orders_stay_pending():
        connection = Connection(souk.api)
        connection.send(init_request(product, 5))
        eventually(lambda: in_flight_now(souk) == 1)
        yield connection
    assert connection.read().status == 200, "who was in before is served"
    connection.close()


def half_sent(souk: Souk, product: str, key: str) -> tuple[Connection, bytes]:
    """An order whose body the server is certainly waiting for: it has said 100. And the body."""
    request = order_request(product, key, headers=[("Expect", "100-continue")])
    body_at = request.index(b"\r\n\r\n") + 4
    connection = Connection(souk.api)
    assert connection.ask(request[:body_at]).status == 100
    return connection, request[body_at:]


def test_over_the_limit_of_requests_in_flight_orders_are_redirected_and_others_get_503(
        start_embedded, fresh_name):
    souk = start_embedded(souk_http_max_in_flight=1)
    product = fresh_name("product")
    init(souk.api, product, 5)
    with one_in_flight(souk, fresh_name("product")):
        order = ask(souk.api, order_request(product, fresh_name("key")))
        assert (order.status, order.body) == (302, b"")
        assert order.header("location") == "http://localhost:4000"
        assert order.header("retry-after") == "1"
        for request in (HEALTH, request_bytes("GET", "/capacity"),
                        request_bytes("GET", f"/inventory/{product}"),
                        request_bytes("POST", "/cancel/some-order")):
            other = ask(souk.api, request)
            assert (other.status, other.body) == (503, b'{"error":"Service Unavailable"}')

    assert ask(souk.api, HEALTH).status == 200
    assert ask(souk.api, order_request(product, fresh_name("key"))).word == "success"


def test_a_connection_that_was_refused_in_flight_can_be_used_again(start_embedded, fresh_name):
    souk = start_embedded(souk_http_max_in_flight=1)
    product = fresh_name("product")
    init(souk.api, product, 5)
    with Connection(souk.api) as waiting:
        with one_in_flight(souk, fresh_name("product")):
            assert [waiting.ask(HEALTH).status for _ in range(3)] == [503] * 3
            assert waiting.ask(order_request(product, fresh_name("key"))).status == 302
        assert waiting.ask(order_request(product, fresh_name("key"))).word == "success"


def test_clients_that_send_slowly_take_no_place_from_others(start_embedded, fresh_name):
    souk = start_embedded(souk_http_max_in_flight=1)
    product = fresh_name("product")
    init(souk.api, product, 50)
    slow = [half_sent(souk, product, fresh_name("key")) for _ in range(30)]
    with Connection(souk.api) as fast:
        assert [fast.ask(order_request(product, fresh_name("key"))).word for _ in range(10)] == ["success"] * 10
    for connection, rest in slow:
        assert connection.ask(rest).word == "success"
        connection.close()
    assert stock(souk.api, product) == 10


def test_a_body_that_comes_when_all_places_are_taken_is_refused_and_the_key_is_free(
        start_embedded, fresh_name):
    souk = start_embedded(souk_http_max_in_flight=1)
    product, key = fresh_name("product"), fresh_name("key")
    init(souk.api, product, 5)
    connection, rest = half_sent(souk, product, key)
    with one_in_flight(souk, fresh_name("product")):
        assert connection.ask(rest).status == 302
    assert connection.ask(order_request(product, key)).word == "success"
    connection.close()


def test_a_crowd_of_connections_at_the_services_keeps_nobody_from_the_operations_listener(start_embedded):
    souk = start_embedded(souk_http_max_connections=5)
    connections = [Connection(souk.api) for _ in range(5)]
    assert [connection.ask(HEALTH).status for connection in connections] == [200] * 5
    assert ask(souk.api, HEALTH).status == 503
    for path in ("/healthz", "/readyz", "/metrics", "/"):
        assert ask(souk.ops, request_bytes("GET", path, host="localhost")).status == 200, path
    for connection in connections:
        connection.close()


def test_a_crowd_at_the_operations_listener_is_refused_and_keeps_nobody_from_the_services(start_embedded):
    souk = start_embedded(souk_http_max_connections=5)
    connections = [Connection(souk.ops) for _ in range(OPERATIONS_MAX)]
    try:
        served = [connection.ask(HEALTHZ).status for connection in connections]
        assert served.count(200) >= OPERATIONS_MAX - 1, "the test's own connection may be among them"
        assert ask(souk.ops, HEALTHZ).status == 503
        assert ask(souk.api, HEALTH).status == 200
    finally:
        for connection in connections:
            connection.close()
    eventually(lambda: ask(souk.ops, HEALTHZ).status == 200, what="a place is given back")


def test_requests_in_flight_at_the_services_keep_nobody_from_the_operations_listener(
        start_embedded, fresh_name):
    souk = start_embedded(souk_http_max_in_flight=1)
    with one_in_flight(souk, fresh_name("product")):
        assert ask(souk.api, HEALTH).status == 503
        assert ask(souk.ops, HEALTHZ).status == 200


def descriptors(souk: Souk) -> int:
    return len(os.listdir(f"/proc/{souk.pid}/fd"))


def cpu_seconds(souk: Souk) -> float:
    with open(f"/proc/{souk.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_served(connection: Connection) -> bool:
    """Whether an answer is there; asked was before."""
    return connection.has_answer_waiting()


@pytest.fixture
def starved(start_embedded):
    """A program with no descriptor left, the connections it has and those that wait."""
    souk = start_embedded()
    init(souk.api, "starved", 1_000)
    soft, hard = resource.prlimit(souk.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(souk.pid, resource.RLIMIT_NOFILE, (descriptors(souk) + 10, hard))
    connections = [Connection(souk.api) for _ in range(60)]
    for connection in connections:
        connection.send(HEALTH)
    eventually(lambda: "cannot accept connections" in souk.stderr, what="it says so")
    yield souk, connections, (soft, hard)
    for connection in connections:
        connection.close()


def test_without_descriptors_who_is_in_is_served_and_who_waits_is_served_once_there_are_some(starved):
    souk, connections, _ = starved
    served = eventually(lambda: [c for c in connections if is_served(c)])
    assert len(served) < len(connections)
    for connection in served:
        assert connection.read().status == 200
    assert served[0].ask(order_request("starved", "key-1")).word == "success"

    waiting = [c for c in connections if c not in served]
    for connection in served:
        connection.close()
    # As each one that was served goes, the next comes in; nobody is forgotten in the queue.
    while waiting:
        now = eventually(lambda: [c for c in waiting if is_served(c)], 15, "the next are served")
        for connection in now:
            assert connection.read().status == 200
            connection.close()
            waiting.remove(connection)
    assert ask(souk.api, HEALTH).status == 200
    told = souk.stderr.count("cannot accept connections")
    assert told <= 10, "said now and then, however many come and go"


def test_without_descriptors_it_does_not_spin(starved):
    souk, _, _ = starved
    began, before = time.monotonic(), cpu_seconds(souk)
    eventually(lambda: time.monotonic() - began > 2, 5)
    assert cpu_seconds(souk) - before < 0.5


def test_a_limit_that_is_raised_is_enough_to_go_on_and_the_end_is_an_orderly_one(starved):
    souk, connections, before = starved
    resource.prlimit(souk.pid, resource.RLIMIT_NOFILE, before)
    for connection in connections:
        assert connection.read().status == 200
    assert ask(souk.api, order_request("starved", "key-2")).word == "success"
    souk.stop()


def test_an_end_without_descriptors_is_an_orderly_one_as_well(starved):
    souk, connections, _ = starved
    for connection in connections:
        connection.close()
    souk.stop()
