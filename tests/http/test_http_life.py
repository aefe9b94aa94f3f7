"""The life of the listener: addresses, ports in use, the connection limit, and leaving in good order."""

from __future__ import annotations

import signal
import socket

import pytest

from support.eventually import eventually
from support.flash_requests import init, order_request
from support.raw_http import Connection, ConnectionLost, address_of, ask, request_bytes
from support.souk import Souk

HEALTH = request_bytes("GET", "/health")
LIMIT = 8


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_ipv4_and_ipv6_both_answer(server):
    assert ask(("127.0.0.1", server.api_port), HEALTH).status == 200
    if not has_ipv6():
        pytest.skip("this machine has no IPv6; IPv4 alone was checked")
    assert ask(("::1", server.api_port), HEALTH).status == 200


def test_a_port_in_use_is_refused_with_a_message_that_names_it(server):
    second = Souk(rate_limit_rps=0, port=server.api_port)
    try:
        second.launch(wait_for=None)
        code, said = second.expect_exit()
        assert code not in (0, -signal.SIGSEGV, -signal.SIGABRT)
        assert str(server.api_port) in said
        assert "in use" in said
        assert ask(server.api, HEALTH).status == 200, "the first program goes on"
    finally:
        second.kill()
        second.close()
        second.discard()


def is_served(connection: Connection) -> bool:
    """Whether the connection got a place: it answers 200. A refused one says 503, or is closed."""
    try:
        answer = connection.ask(HEALTH)
    except ConnectionLost:
        return False
    assert answer.status in (200, 503)
    return answer.status == 200


def test_connections_over_the_limit_are_refused_and_the_others_live_on(start_embedded):
    souk = start_embedded(souk_http_max_connections=LIMIT)
    connections = [Connection(souk.api) for _ in range(3 * LIMIT)]
    try:
        served = [connection for connection in connections if is_served(connection)]
        assert 1 <= len(served) <= LIMIT
        for connection in served:
            assert connection.ask(HEALTH).status == 200
        served.pop().close()

        def has_room() -> bool:
            with Connection(souk.api) as another:
                return is_served(another)

        eventually(has_room, what="a place that was given back is given to the next client")
        for connection in served:
            assert connection.ask(HEALTH).status == 200
    finally:
        for connection in connections:
            connection.close()


def half_sent(souk: Souk, product: str, key: str) -> tuple[Connection, bytes]:
    """An order the server is certainly reading: it has said 100 and got half the body. And the rest."""
    request = order_request(product, key, headers=[("Expect", "100-continue")])
    body_at = request.index(b"\r\n\r\n") + 4
    cut = len(request) - 10
    connection = Connection(souk.api)
    assert connection.ask(request[:body_at]).status == 100
    connection.send(request[body_at:cut])
    return connection, request[cut:]


def test_sigterm_answers_what_is_in_flight_closes_what_is_idle_and_exits_0(start_embedded):
    souk = start_embedded()
    init(souk.api, "draining", 5)
    idle = Connection(souk.api)
    assert idle.ask(HEALTH).status == 200
    in_flight, rest = half_sent(souk, "draining", "key-in-flight")

    souk.process.send_signal(signal.SIGTERM)

    assert idle.is_closed_by_peer()
    assert souk.running, "it waits for the request in flight"
    in_flight.send(rest)
    answer = in_flight.read()
    assert (answer.status, answer.word) == (200, "success")
    assert in_flight.is_closed_by_peer()
    assert souk.process.wait(10) == 0
    assert_in_database(souk, answer.order_id)


def assert_in_database(souk: Souk, order_id: str | None) -> None:
    """A clean stop may leave the row to the next start; then it must be there."""
    souk.launch()
    eventually(lambda: souk.storage.one("SELECT count(*) FROM orders WHERE id = ?", order_id) == 1)


def test_after_sigterm_no_new_connection_is_served(start_embedded):
    souk = start_embedded()
    init(souk.api, "draining", 5)
    in_flight, rest = half_sent(souk, "draining", "key-in-flight")
    souk.process.send_signal(signal.SIGTERM)

    def is_refused() -> bool:
        try:
            with Connection(souk.api) as connection:
                connection.ask(HEALTH)
        except (ConnectionLost, OSError):
            return True
        return False

    eventually(is_refused, what="new connections are refused while draining")
    in_flight.send(rest)
    assert in_flight.read().status == 200
    assert souk.process.wait(10) == 0


def test_a_full_pipeline_at_sigterm_is_answered_or_untouched(start_embedded):
    souk = start_embedded()
    init(souk.api, "pipeline", 1000)
    keys = [f"key-{number}" for number in range(500)]
    with Connection(souk.api) as connection:
        connection.send(b"".join(order_request("pipeline", key) for key in keys))
        assert connection.read().word == "success"
        souk.process.send_signal(signal.SIGTERM)
        answered = {}
        try:
            for key in keys[1:]:
                answered[key] = connection.read()
        except ConnectionLost:
            pass  # What was not answered is asked for again below.
    assert souk.process.wait(10) == 0

    souk.launch()
    for key, before in answered.items():
        after = ask(souk.api, order_request("pipeline", key))
        assert (before.word, after.word) == ("success", "ignored")
        assert before.order_id == after.order_id


@pytest.mark.slow
def test_a_request_that_never_ends_holds_up_the_exit_no_longer_than_the_drain(start_embedded):
    souk = start_embedded()
    init(souk.api, "draining", 5)
    connection, _ = half_sent(souk, "draining", "key-in-flight")
    souk.process.send_signal(signal.SIGTERM)
    assert souk.process.wait(20) == 0
    connection.close()


def test_a_second_sigterm_ends_the_program_at_once(start_embedded):
    souk = start_embedded()
    init(souk.api, "draining", 5)
    idle = Connection(souk.api)
    assert idle.ask(HEALTH).status == 200
    connection, _ = half_sent(souk, "draining", "key-in-flight")
    souk.process.send_signal(signal.SIGTERM)
    assert idle.is_closed_by_peer()  # The first signal has arrived.
    assert souk.running
    souk.process.send_signal(signal.SIGTERM)
    souk.process.wait(5)
    connection.close()


def test_an_address_to_bind_is_a_setting(start_embedded):
    souk = start_embedded(souk_address="127.0.0.1")
    assert ask(address_of(souk.api), HEALTH).status == 200
    if has_ipv6():
        with pytest.raises(OSError):
            Connection(("::1", souk.api_port))
