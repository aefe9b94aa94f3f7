"""Clients that are slow, silent or gone: deadlines for head, body and idling, and what is said then."""

from __future__ import annotations

import socket
import threading

import pytest

from support.eventually import eventually
from support.flash_requests import init, order_request, stock
from support.raw_http import Connection, ConnectionLost, address_of, ask, request_bytes

HEALTH = request_bytes("GET", "/health")
TIMEOUT = (408, {"error": "Request Timeout"})
LONG = 600


@pytest.fixture
def start_with(start_embedded):
    """Starts a program in which only the named deadline is short."""

    def start(**short: int):
        names = ["souk_http_header_seconds", "souk_http_body_seconds", "souk_http_idle_seconds"]
        return address_of(start_embedded(**(dict.fromkeys(names, LONG) | short)).api)

    return start


def drip_until_closed(connection: Connection, byte: bytes, pause_seconds: float = 0.2) -> None:
    """Sends one byte at a time, paced by a timer, until the server has said something or closed."""
    done = threading.Event()
    connection.socket.settimeout(pause_seconds)
    for _ in range(round(connection.timeout / pause_seconds)):
        connection.send_unless_closed(byte)
        try:
            connection.socket.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            continue
        except OSError:
            pass  # Reset: what was said before is still to be read.
        done.set()
        break
    connection.socket.settimeout(connection.timeout)
    assert done.is_set(), "the server took bytes for ever"


@pytest.mark.parametrize(
    "begun", [b"G", b"GET /health HT", b"GET /health HTTP/1.1\r\nHost: a\r\nX-Ha"]
)
def test_a_head_that_never_ends_gets_408_and_the_connection_closes(start_with, begun):
    api = start_with(souk_http_header_seconds=1)
    with Connection(api) as connection:
        connection.send(begun)
        answer = connection.read()
        assert (answer.status, answer.json()) == TIMEOUT
        assert (answer.header("connection") or "").lower() == "close"
        assert connection.is_closed_by_peer()
    assert ask(api, HEALTH).status == 200


def test_a_head_that_drips_does_not_move_its_deadline(start_with):
    api = start_with(souk_http_header_seconds=1)
    with Connection(api) as connection:
        connection.send(b"GET /health HTTP/1.1\r\nX: ")
        drip_until_closed(connection, b"a")
        assert connection.read().status == 408


def test_the_second_request_of_a_connection_has_the_same_header_deadline(start_with):
    api = start_with(souk_http_header_seconds=1)
    with Connection(api) as connection:
        assert connection.ask(HEALTH).status == 200
        connection.send(HEALTH[:10])
        assert connection.read().status == 408
        assert connection.is_closed_by_peer()


@pytest.mark.parametrize("chunked", [False, True], ids=["by length", "chunked"])
def test_a_body_that_never_ends_gets_408_and_orders_nothing(start_with, chunked):
    api = start_with(souk_http_body_seconds=1)
    init(api, "slow", 5)
    request = order_request("slow", "key-of-the-slow-one")
    if chunked:
        head, _, body = request.partition(b"\r\n\r\n")
        head = head.replace(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
        request = head + b"\r\n\r\n%x\r\n" % len(body) + body
    with Connection(api) as connection:
        connection.send(request[:-10])
        answer = connection.read()
        assert (answer.status, answer.json()) == TIMEOUT
        assert connection.is_closed_by_peer()
    assert stock(api, "slow") == 5


def test_an_idle_connection_is_closed_silently_after_its_answers(start_with):
    api = start_with(souk_http_idle_seconds=1)
    with Connection(api) as connection:
        assert connection.ask(HEALTH).status == 200
        assert connection.is_closed_by_peer()


def test_a_connection_that_never_says_anything_is_closed_silently(start_with):
    api = start_with(souk_http_idle_seconds=1, souk_http_header_seconds=1)
    with Connection(api) as connection:
        assert connection.is_closed_by_peer()


def test_a_connection_in_use_is_not_idle(start_with):
    api = start_with(souk_http_idle_seconds=1)
    with Connection(api) as busy, Connection(api) as idle:
        assert idle.ask(HEALTH).status == 200
        closed = threading.Event()

        def watch() -> None:
            assert idle.is_closed_by_peer()
            closed.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        while watcher.is_alive():
            assert busy.ask(HEALTH).status == 200
        watcher.join()
        assert closed.is_set()
        assert busy.ask(HEALTH).status == 200


def test_a_head_cut_in_half_by_the_client_is_forgotten(start_with):
    api = start_with()
    for cut in (1, 10, len(HEALTH) - 2, len(HEALTH) - 1):
        with Connection(api) as connection:
            connection.send(HEALTH[:cut])
            connection.stop_sending()
            rest = connection.read_rest()
            assert rest == b"" or rest.startswith(b"HTTP/1.1 400 ")
    assert ask(api, HEALTH).status == 200


def test_a_client_that_never_reads_its_answers_is_given_up(start_with):
    """Its answers fill the buffers of both sides; then the server must neither wait for ever nor grow."""
    api = start_with(souk_http_idle_seconds=1, souk_http_header_seconds=1, souk_http_body_seconds=1,
                     souk_http_write_seconds=1)
    with Connection(api) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

        def is_given_up() -> bool:
            try:
                connection.socket.settimeout(0.2)
                connection.socket.sendall(HEALTH * 1000)
            except TimeoutError:
                return False
            except OSError:
                return True
            return False

        eventually(
            is_given_up, 30, "the server closed the connection of a client that does not read"
        )
    assert ask(api, HEALTH).status == 200


def test_pipelined_answers_wait_for_a_reader_that_is_only_slow(start_with):
    api = start_with()
    with Connection(api) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        count = 3000
        sender = threading.Thread(target=connection.send, args=(HEALTH * count,))
        sender.start()
        try:
            assert all(answer.status == 200 for answer in connection.read_many(count))
        except ConnectionLost as end:
            raise AssertionError(f"a slow reader was cut off: {end}") from end
        finally:
            sender.join()
